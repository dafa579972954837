//! What a change means for who may do what. To be filled in.
