//! The comparison of two queries, on a real server: each class of difference is counted, and nothing else is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
#[expect(dead_code, reason = "shared with tests that apply chains of their own")]
mod common;

use std::collections::BTreeMap;

use common::Cluster;
use rlsgate::chain::Connect;
use rlsgate::fidelity::{Compared, Mapping, compare};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

const TABLES: &str = "
    create table old (org text, package text, visibility text, n integer, primary key (org, package));
    insert into old values ('a', 'x', 'workspace', 1), ('a', 'y', 'admin', 2), ('b', 'x', 'workspace', null), ('b', 'z', 'admin', 4);
    create table new as select org, package, case visibility when 'workspace' then 'everyone' else 'admins' end as visibility, n from old;";

fn mapping() -> Mapping {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    Mapping {
        source: "select org, package, visibility, n from old".to_owned(),
        target: "select org, package, visibility, n from new".to_owned(),
        key: vec!["org".to_owned(), "package".to_owned()],
        values: None,
        map: BTreeMap::from([(
            "visibility".to_owned(),
            BTreeMap::from([pair("workspace", "everyone"), pair("admin", "admins")]),
        )]),
        tenant: Some("org".to_owned()),
        group_by: vec!["org".to_owned(), "visibility".to_owned()],
    }
}

async fn after(conn: &mut PgConnection, change: &str, mapping: &Mapping) -> Compared {
    let sql = format!("drop table if exists old, new; {TABLES} {change}");
    conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
    compare(conn, mapping).await.unwrap()
}

fn key(parts: &[&str]) -> Vec<Option<String>> {
    parts.iter().map(|part| Some((*part).to_owned())).collect()
}

#[tokio::test]
async fn each_class_is_counted_and_no_other() {
    let cluster = Cluster::start().await;
    let mut conn = cluster.options("rlsgate", "postgres").connect().await.unwrap();
    let mapping = mapping();

    let same = after(&mut conn, "", &mapping).await;
    assert_eq!((same.source, same.target, same.identical), (4, 4, 4));
    assert_eq!((same.modified, same.missing, same.extra, same.crossed), (0, 0, 0, Some(0)));
    assert_eq!((same.groups, same.uneven), (4, 0));
    assert_eq!(same.by_column, BTreeMap::from([("n".to_owned(), 0), ("visibility".to_owned(), 0)]));
    assert_eq!(same.unmapped, BTreeMap::from([("visibility".to_owned(), 0)]));
    assert!(same.doubled.iter().all(|side| side.keys == 0 && side.nulls == 0));

    let lost = after(&mut conn, "delete from new where org = 'b' and package = 'z'", &mapping).await;
    assert_eq!((lost.identical, lost.missing, lost.extra, lost.uneven), (3, 1, 0, 1));
    assert_eq!(lost.samples.missing, [key(&["b", "z"])]);
    assert_eq!((lost.told[0].source, lost.told[0].target), (1, 0));

    let twice = after(&mut conn, "insert into new select * from new where package = 'z'", &mapping).await;
    assert_eq!((twice.source, twice.target, twice.missing, twice.extra), (4, 5, 0, 0));
    assert_eq!((twice.doubled[0].keys, twice.doubled[1].keys, twice.doubled[1].rows), (0, 1, 1));
    assert_eq!(twice.doubled[1].told, [key(&["b", "z"])]);

    let both = "delete from new where package = 'y'; insert into new select * from new where package = 'z'";
    let both = after(&mut conn, both, &mapping).await;
    assert_eq!((both.source, both.target, both.missing, both.doubled[1].keys), (4, 4, 1, 1), "counts agree");
    assert_eq!(both.uneven, 2, "one fewer of (a, admin), one more of (b, admin)");

    let changed =
        after(&mut conn, "update new set n = 0 where n is null; update new set n = null where n = 4", &mapping).await;
    assert_eq!((changed.modified, changed.by_column["n"], changed.by_column["visibility"]), (2, 2, 0));
    assert_eq!(changed.samples.modified, [key(&["b", "x"]), key(&["b", "z"])]);

    let unmapped = after(&mut conn, "update old set visibility = 'secret' where package = 'z'", &mapping).await;
    assert_eq!(unmapped.unmapped["visibility"], 1);

    let null = after(&mut conn, "update old set visibility = null where package = 'z'", &mapping).await;
    assert_eq!((null.unmapped["visibility"], null.by_column["visibility"]), (0, 1), "NULL is a value that differs");

    let moved = after(&mut conn, "update new set org = 'b' where package = 'y'", &mapping).await;
    assert_eq!((moved.missing, moved.extra, moved.crossed), (1, 1, Some(1)), "the same package under another tenant");

    let mut by_package = mapping.clone();
    by_package.key = vec!["n".to_owned()];
    by_package.source = format!("{} where n is not null", mapping.source);
    by_package.target = format!("{} where n is not null", mapping.target);
    let crossed = after(&mut conn, "update new set org = 'b' where package = 'y'", &by_package).await;
    assert_eq!((crossed.crossed, crossed.modified, crossed.samples.crossed.len()), (Some(1), 1, 1));

    let nulls = after(&mut conn, "", &Mapping { key: vec!["n".to_owned()], ..mapping.clone() }).await;
    assert_eq!((nulls.doubled[0].nulls, nulls.doubled[1].nulls, nulls.missing, nulls.extra), (1, 1, 1, 1));
}

#[tokio::test]
async fn what_cannot_be_compared_is_no_comparison() {
    let cluster = Cluster::start().await;
    let mut conn = cluster.options("rlsgate", "postgres").connect().await.unwrap();
    conn.execute(sqlx::raw_sql(TABLES)).await.unwrap();
    let wrong = [
        ("select org, package, n from new", "`visibility`"),
        ("select org, package, visibility, n, 1 as more from new", "`more`"),
        ("select org, package, visibility, n, n from new", "two columns `n`"),
        ("select org, package::varchar, visibility, n from new", "key column `package`"),
        ("select org, package, visibility, n from nowhere", "refused"),
    ];
    for (target, message) in wrong {
        let error = compare(&mut conn, &Mapping { target: target.to_owned(), ..mapping() }).await.unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    let wider = Mapping { target: "select org, package, visibility, n::bigint as n from new".to_owned(), ..mapping() };
    let compared = compare(&mut conn, &wider).await.unwrap();
    assert_eq!(compared.columns.mistyped, [("n".to_owned(), "INT4".to_owned(), "INT8".to_owned())]);
    assert!(!compared.by_column.contains_key("n"), "a column that cannot be compared has no count of its own");
}
