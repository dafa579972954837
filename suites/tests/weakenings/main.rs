//! The systems' chains weakened, one statement at a time.

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
mod each;
#[cfg(test)]
mod generate;
