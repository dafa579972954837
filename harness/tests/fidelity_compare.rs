//! The comparison of two queries, on a real server: each class of difference is counted, and nothing else is.

use std::collections::BTreeMap;

use crate::common::Cluster;
use rlsgate::chain::Connect;
use rlsgate::fidelity::{Compared, Mapping, Why, compare, digests};
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
    let told = &changed.samples.modified["n"].told;
    assert_eq!(told.iter().map(|row| row.key.clone()).collect::<Vec<_>>(), [key(&["b", "x"]), key(&["b", "z"])]);
    assert_eq!(told[1].values, [Some("4".to_owned()), None]);
    assert!(!changed.samples.modified.contains_key("visibility"), "no row differs there");

    let unmapped = after(&mut conn, "update old set visibility = 'secret' where package = 'z'", &mapping).await;
    assert_eq!(unmapped.unmapped["visibility"], 1);
    let told = &unmapped.samples.unmapped["visibility"];
    assert_eq!((&told[0].key, &told[0].values), (&key(&["b", "z"]), &key(&["secret"])));

    let null = after(&mut conn, "update old set visibility = null where package = 'z'", &mapping).await;
    assert_eq!((null.unmapped["visibility"], null.by_column["visibility"]), (0, 1), "NULL is a value that differs");

    let moved = after(&mut conn, "update new set org = 'b' where package = 'y'", &mapping).await;
    assert_eq!((moved.missing, moved.extra, moved.crossed), (1, 1, Some(1)), "the same package under another tenant");
    assert_eq!(moved.samples.crossed, [key(&["a", "y"])]);

    let mut by_package = mapping.clone();
    by_package.key = vec!["n".to_owned()];
    by_package.source = format!("{} where n is not null", mapping.source);
    by_package.target = format!("{} where n is not null", mapping.target);
    let crossed = after(&mut conn, "update new set org = 'b' where package = 'y'", &by_package).await;
    assert_eq!((crossed.crossed, crossed.modified, crossed.samples.crossed.len()), (Some(1), 1, 1));

    let nulls = after(&mut conn, "", &Mapping { key: vec!["n".to_owned()], ..mapping.clone() }).await;
    assert_eq!((nulls.doubled[0].nulls, nulls.doubled[1].nulls, nulls.missing, nulls.extra), (1, 1, 1, 1));
    assert_eq!(nulls.doubled[0].null_keys, [vec![None]]);
}

#[tokio::test]
async fn rows_are_counted_and_not_pairs() {
    let cluster = Cluster::start().await;
    let mut conn = cluster.options("rlsgate", "postgres").connect().await.unwrap();
    let mapping = mapping();

    let thrice = "update new set n = 9 where package = 'z'; insert into new select new.* from new, generate_series(1, 2) where package = 'z'";
    let thrice = after(&mut conn, thrice, &mapping).await;
    assert_eq!((thrice.source, thrice.target, thrice.doubled[1].rows), (4, 6, 2));
    assert_eq!((thrice.identical, thrice.modified, thrice.missing, thrice.by_column["n"]), (3, 1, 0, 1));

    let unmapped = "update old set visibility = 'secret' where package = 'z'; insert into new select * from new where package = 'z'";
    assert_eq!(after(&mut conn, unmapped, &mapping).await.unmapped["visibility"], 1);
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
    assert_eq!(compared.columns.unlike, [("n".to_owned(), Why::Types("integer".to_owned(), "bigint".to_owned()))]);
    assert!(!compared.by_column.contains_key("n"), "a column that cannot be compared has no count of its own");
}

/// Both sides made of `values`, the target's second row of them.
fn of(source: &str, target: &str) -> Mapping {
    let (source, target) = (format!("select 1 as k, {source}"), format!("select 1 as k, {target}"));
    Mapping { source, target, key: vec!["k".to_owned()], ..Mapping::default() }
}

#[tokio::test]
async fn a_column_that_cannot_be_compared_takes_no_other_with_it() {
    let cluster = Cluster::start().await;
    let mut conn = cluster.options("rlsgate", "postgres").connect().await.unwrap();
    let types = "create domain doc as json; create type pair as (a int, b json); create extension citext;";
    conn.execute(types).await.unwrap();
    for (sql, name) in [
        ("'{}'::json", "json"),
        ("'(1,2)'::point", "point"),
        ("'<a/>'::xml", "xml"),
        ("'{}'::doc", "json"),
        ("array['{}'::json]", "json[]"),
        ("row(1, '{}')::pair", "pair"),
    ] {
        let both = format!("{sql} as v, 2 as n");
        let compared = compare(&mut conn, &of(&both, &both)).await.unwrap();
        assert_eq!(compared.columns.unlike, [("v".to_owned(), Why::NoEquality(name.to_owned()))]);
        assert_eq!(compared.by_column, BTreeMap::from([("n".to_owned(), 0)]), "{sql}");
    }
    for sql in [
        "'a'::varchar(3)",
        "'a'::citext",
        "array[1]",
        "'[1,2)'::int4range",
        "'a'::\"char\"",
        "'pg_class'::regclass",
        "row(1, 2)",
    ] {
        let both = format!("{sql} as v");
        assert_eq!(compare(&mut conn, &of(&both, &both)).await.unwrap().identical, 1, "{sql}");
    }
    let tenants = Mapping { tenant: Some("t".to_owned()), values: Some(Vec::new()), ..of("1 as t", "1::bigint as t") };
    let compared = compare(&mut conn, &tenants).await.unwrap();
    assert_eq!((compared.crossed, compared.columns.unlike.len()), (None, 1));
    let many = (0..120).map(|n| format!("{n} as c{n}")).collect::<Vec<_>>().join(", ");
    assert_eq!(compare(&mut conn, &of(&many, &many)).await.unwrap().by_column.len(), 120);
}

#[tokio::test]
async fn what_the_map_is_for_is_compared_as_text() {
    let cluster = Cluster::start().await;
    let mut conn = cluster.options("rlsgate", "postgres").connect().await.unwrap();
    conn.execute("create type old_level as enum ('admin'); create type level as enum ('admins')").await.unwrap();
    let pairs = BTreeMap::from([("admin".to_owned(), "admins".to_owned())]);
    let enums = of("'admin'::old_level as v", "'admins'::level as v");
    let mapped = Mapping { map: BTreeMap::from([("v".to_owned(), pairs)]), ..enums.clone() };
    assert_eq!(compare(&mut conn, &mapped).await.unwrap().identical, 1);
    let plain = compare(&mut conn, &enums).await.unwrap();
    assert_eq!(plain.columns.unlike, [("v".to_owned(), Why::Types("old_level".to_owned(), "level".to_owned()))]);
}

#[tokio::test]
async fn what_is_equal_and_written_otherwise_is_in_the_digest() {
    let cluster = Cluster::start().await;
    let mut conn = cluster.options("rlsgate", "postgres").connect().await.unwrap();
    // A modifier is no type of its own: what it does shows in the text.
    let rewritten = of("1.0 as v, 2 as n", "1.0::numeric(10,3) as v, 2 as n");
    let compared = compare(&mut conn, &rewritten).await.unwrap();
    assert_eq!((compared.identical, compared.columns.unlike.len()), (1, 0));
    let [source, target] = digests(&mut conn, &rewritten, &compared.columns).await.unwrap();
    assert_ne!(source.sum, target.sum);
    assert_eq!(target.rewritten.keys().collect::<Vec<_>>(), ["v"]);
    assert_eq!((target.rewritten["v"].rows, &target.rewritten["v"].told[0].values), (1, &key(&["1.0", "1.000"])));
    conn.execute("create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
        .await
        .unwrap();
    let folded = of("'a'::text collate ci as v", "'A' as v");
    let compared = compare(&mut conn, &folded).await.unwrap();
    let [_, target] = digests(&mut conn, &folded, &compared.columns).await.unwrap();
    assert_eq!((compared.identical, target.rewritten["v"].rows), (1, 1));
}

#[tokio::test]
async fn an_error_of_the_server_holds_no_value() {
    let cluster = Cluster::start().await;
    let mut conn = cluster.options("rlsgate", "postgres").connect().await.unwrap();
    conn.execute(sqlx::raw_sql(TABLES)).await.unwrap();
    let source = "select org, package, visibility::int as visibility, n from old".to_owned();
    let target = "select org, package, 1 as visibility, n from new -- as a comment".to_owned();
    let error = compare(&mut conn, &Mapping { source, target, ..mapping() }).await.unwrap_err().to_string();
    assert!(error.contains("22P02") && !error.contains("workspace") && !error.contains("line"), "{error}");
}
