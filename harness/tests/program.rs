//! The program as people run it: the binary on copies of the connectors system, whole or spoilt.

mod cli;
mod killed;
mod parity;
mod support;
mod trouble;
mod vacuous;
mod verbose;
mod weakened;
