//! Instances on real servers: started, restored, killed, and nothing left behind.

mod instance {
    mod cache;
    mod docker;
    mod failure;
    mod kill;
    mod local;
    mod support;
    mod url;
}
