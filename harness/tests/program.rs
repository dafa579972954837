//! The program as people run it: the binary on copies of the connectors system, whole or spoilt.

#[cfg(test)]
#[path = "common/left.rs"]
mod left;
#[cfg(test)]
#[path = "common/place.rs"]
mod place;

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
mod program {
    mod cli;
    mod killed;
    mod parity;
    mod support;
    mod trouble;
    mod vacuous;
    mod verbose;
    mod weakened;
}
