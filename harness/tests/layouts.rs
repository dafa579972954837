//! Chains in the layouts of other tools: found, put in order, applied to a real server and taken down again, as the
//! documentation of each tool has it.

mod bookkeeping;
mod dbmate;
mod detection;
mod diesel;
mod drizzle;
mod flyway;
mod goose;
mod prisma;
mod rollback;
mod supabase;
mod support;
mod up_down;
