//! One comparison on the server that libpq's variables name, for `fidelity.sh`: `compare` alone, or `all` with the digests of
//! both sides and of the source before and after. Prints the seconds that it took.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use rlsgate::Error;
use rlsgate::fidelity::{Mapping, compare, digest, digests};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

const SOURCE: &str = "select org, package, level, note from old";

fn mapping() -> Mapping {
    let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    let levels = BTreeMap::from([pair("workspace", "everyone"), pair("admin", "admins")]);
    Mapping {
        source: SOURCE.to_owned(),
        target: "select org, package, level, note from new".to_owned(),
        key: vec!["org".to_owned(), "package".to_owned()],
        values: None,
        map: BTreeMap::from([("level".to_owned(), levels)]),
        tenant: Some("org".to_owned()),
        group_by: vec!["org".to_owned()],
    }
}

async fn measure(all: bool) -> Result<f64, Error> {
    let conn = PgConnectOptions::new().connect().await;
    let mut conn = conn.map_err(|error| Error::environment(error.to_string(), "set PGHOST and PGUSER"))?;
    let (mapping, begun) = (mapping(), Instant::now());
    let compared = compare(&mut conn, &mapping).await?;
    if all {
        digest(&mut conn, SOURCE).await?;
        digests(&mut conn, &mapping, &compared.columns).await?;
        digest(&mut conn, SOURCE).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    if compared.identical == 0 || compared.identical != compared.source {
        return Err(Error::environment("the two sides differ", "load them as fidelity.sh does"));
    }
    Ok(seconds)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match measure(std::env::args().any(|word| word == "all")).await {
        Ok(seconds) => {
            println!("{seconds:.3}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}: {}", error.help());
            ExitCode::FAILURE
        }
    }
}
