//! Instances on real servers: started, restored, killed, and nothing left behind.

#[cfg(test)]
#[path = "common/left.rs"]
mod left;
#[cfg(test)]
#[path = "common/place.rs"]
mod place;

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
mod instance {
    mod cache;
    mod docker;
    mod failure;
    mod kill;
    mod local;
    mod support;
    mod url;
}
