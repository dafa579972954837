//! How a throwaway cluster is made and run: the same for binaries and containers.

/// The bootstrap superuser of clusters that we make, so that `postgres` can be what a platform makes it.
pub(super) const SUPERUSER: &str = "rlsgate";

/// The database that is always there; connected to for what concerns the whole cluster.
pub(super) const MAINTENANCE_DATABASE: &str = "postgres";

/// What `initdb` is told, beside where and for whom.
/// Small WAL segments keep the data directory, and so each copy of it, small.
pub(super) const INITDB: [&str; 3] = ["--wal-segsize=1", "--locale=C", "--encoding=UTF8"];

/// Free space below which a failure is put down to a full disk, in bytes: a WAL segment of ours.
pub(super) const FULL: u64 = 1 << 20;

/// Settings of the server: nothing survives a crash here, so nothing is paid for surviving one
/// (PostgreSQL documentation, "Non-Durable Settings").
pub(super) const SERVER: [(&str, &str); 20] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("jit", "off"),
    // A chain may create publications and replication slots.
    ("wal_level", "logical"),
    ("max_wal_size", "256MB"),
    // What is kept of a log that nobody replays is copied with every state.
    ("min_wal_size", "2MB"),
    ("max_connections", "64"),
    ("max_locks_per_transaction", "256"),
    ("shared_buffers", "64MB"),
    // Inside the data directory, which goes away with it; POSIX shared memory would be left in /dev/shm.
    ("dynamic_shared_memory_type", "mmap"),
    ("restart_after_crash", "off"),
    ("logging_collector", "off"),
    // What is tried is refused time and again, which the client is told; and a statement may hold values of rows.
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("update_process_title", "off"),
    // Nobody reads it in full, and it is copied with every message.
    ("track_activity_query_size", "100"),
    // A verdict must not depend on the machine's time zone.
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
];

/// [`SERVER`] as command-line arguments.
pub(super) fn arguments() -> impl Iterator<Item = String> {
    SERVER.iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")])
}
