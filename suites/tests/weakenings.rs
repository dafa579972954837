//! The systems' chains weakened, one statement at a time.

mod each;
mod generate;
