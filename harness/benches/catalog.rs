//! How long reading 1,000 tables with 4,000 policies takes, and comparing two such catalogs: `cargo bench -p rlsgate --bench
//! catalog`. Prints both, and exits 1 where one is over its limit.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rlsgate::Error;
use rlsgate::catalog::fingerprint::{Fingerprint, read};
use rlsgate::chain::connect::open_superuser;
use rlsgate::instance::{Request, start};
use sqlx::Executor as _;

/// One transaction for a hundred tables: more would need more locks than a server has by default.
const TABLES: &str = "DO $$ BEGIN FOR t IN :from..:to LOOP
  EXECUTE format('CREATE TABLE bench_%s (id int PRIMARY KEY, tenant int NOT NULL, body text, at timestamptz DEFAULT now(), hits int CHECK (hits > 0))', t);
  EXECUTE format('ALTER TABLE bench_%s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON bench_%s TO bench_user', t);
  FOR p IN 1..4 LOOP
    EXECUTE format('CREATE POLICY p%s ON bench_%s TO bench_user USING (tenant = current_setting(''app.tenant'', true)::int AND id > %s)', p, t, p);
  END LOOP;
END LOOP; END $$";

const READ: Duration = Duration::from_secs(2);
const DIFF: Duration = Duration::from_secs(1);
/// The median of this many is what counts.
const RUNS: usize = 5;

async fn measure() -> Result<(Duration, Duration, usize, usize), Error> {
    let failed = |error: sqlx::Error| Error::environment(error.to_string(), "look at the server's log");
    let instance = start(&Request::default(), None).await?;
    let mut session = open_superuser(&instance, instance.maintenance_database()).await?;
    session.execute("SET search_path = public; CREATE ROLE bench_user").await.map_err(failed)?;
    for hundred in 0..10 {
        let sql = TABLES
            .replace(":from", &(hundred * 100 + 1).to_string())
            .replace(":to", &(hundred * 100 + 100).to_string());
        session.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.map_err(failed)?;
    }
    let mut reading = Vec::new();
    let mut before = None;
    for _ in 0..RUNS {
        // A session that has read nothing yet, as a run's.
        let mut fresh = open_superuser(&instance, instance.maintenance_database()).await?;
        let started = Instant::now();
        before = Some(read(&mut fresh).await?);
        reading.push(started.elapsed());
    }
    session.execute("DO $$ BEGIN FOR t IN 1..100 LOOP EXECUTE format('ALTER POLICY p1 ON bench_%s USING (true)', t); END LOOP; END $$").await.map_err(failed)?;
    let after = read(&mut session).await?;
    drop(session);
    instance.stop().await?;
    let before = before.ok_or_else(|| Error::defect("nothing was read"))?;
    let mut comparing = Vec::new();
    let mut differing = 0;
    for _ in 0..RUNS {
        let started = Instant::now();
        let diff = before.diff(&after);
        std::hint::black_box(diff.to_string());
        differing = diff.len();
        comparing.push(started.elapsed());
    }
    Ok((median(reading), median(comparing), facts(&before), differing))
}

fn facts(print: &Fingerprint) -> usize {
    print.facts.values().map(|properties| properties.len()).sum()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok((reading, comparing, facts, differing)) => {
            println!(
                "read 1,000 tables, 4,000 policies ({facts} facts): {:.3} s, limit {} s",
                reading.as_secs_f64(),
                READ.as_secs()
            );
            println!(
                "compare two of them ({differing} facts differ): {:.3} s, limit {} s",
                comparing.as_secs_f64(),
                DIFF.as_secs()
            );
            let good = facts > 4000 && differing == 100 && reading < READ && comparing < DIFF;
            if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            println!("{error}\n{}", error.help());
            ExitCode::from(3)
        }
    }
}
