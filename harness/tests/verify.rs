//! `rlsgate verify`: a live database is read and nothing else, and only if it is the one that is meant.

mod comparisons;

mod hidden;

mod live;

mod reading;

mod target;

mod ways_out;
