//! The table of changes goes on: publications, types, and what stands beside tables, functions and roles.

use super::changes::Row;

/// Applied after those of `changes.rs`.
pub(crate) const BESIDE: &[Row] = &[
    // Publications and subscriptions.
    (13, "ALTER PUBLICATION news SET (publish = 'insert')", "publication news", &["operations"]),
    (13, "ALTER PUBLICATION news SET (publish_via_partition_root = true)", "publication news", &["via partition root"]),
    (13, "ALTER PUBLICATION news ADD TABLE app.parts", "publication news", &["table app.parts"]),
    (
        15,
        "ALTER PUBLICATION news SET TABLE app.parts, app.tenants WHERE (id > 0)",
        "publication news",
        &["table app.tenants/where"],
    ),
    (
        15,
        "ALTER PUBLICATION news SET TABLE app.parts, app.tenants (id) WHERE (id > 0)",
        "publication news",
        &["table app.tenants/columns"],
    ),
    (
        15,
        "CREATE PUBLICATION whole FOR TABLES IN SCHEMA other",
        "publication whole",
        &["operations", "owner", "schema other"],
    ),
    (
        13,
        "CREATE SUBSCRIPTION sub CONNECTION 'host=nowhere password=not_to_be_shown' PUBLICATION theirs WITH (connect = false)",
        "subscription sub",
        &["enabled", "owner", "publications"],
    ),
    // Types.
    (13, "ALTER TYPE app.status ADD VALUE 'read' BEFORE 'sent'", "type app.status", &["labels"]),
    (13, "ALTER TYPE app.pair ADD ATTRIBUTE c int", "type app.pair", &["attributes"]),
    (13, "ALTER TYPE app.pair ALTER ATTRIBUTE b TYPE text COLLATE \"C\"", "type app.pair", &["attributes"]),
    // What stands beside.
    (13, "CREATE COLLATION app.plain FROM \"C\"", "collation app.plain", &["deterministic", "owner", "provider"]),
    (13, "ALTER COLLATION app.plain OWNER TO fp_other", "collation app.plain", &["owner"]),
    (
        13,
        "CREATE CONVERSION app.conv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
        "conversion app.conv",
        &["from", "function", "owner", "to"],
    ),
    (
        13,
        "CREATE TEXT SEARCH DICTIONARY app.dict (TEMPLATE = simple)",
        "text search dictionary app.dict",
        &["owner", "template"],
    ),
    (
        13,
        "CREATE TEXT SEARCH CONFIGURATION app.conf (PARSER = \"default\")",
        "text search configuration app.conf",
        &["owner", "parser"],
    ),
    (
        13,
        "ALTER TEXT SEARCH CONFIGURATION app.conf ADD MAPPING FOR asciiword WITH app.dict, simple",
        "text search configuration app.conf",
        &["mapping of token type 1"],
    ),
    (
        13,
        "CREATE TEXT SEARCH PARSER app.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
        "text search parser app.parser",
        &["token function"],
    ),
    (
        13,
        "CREATE TEXT SEARCH TEMPLATE app.template (LEXIZE = dsimple_lexize)",
        "text search template app.template",
        &["lexize function"],
    ),
    (
        13,
        "CREATE STATISTICS app.correlated ON id, tenant FROM app.notes",
        "statistics app.correlated",
        &["definition", "owner"],
    ),
    (13, "CREATE OPERATOR FAMILY app.family USING btree", "operator family app.family using btree", &["owner"]),
    (
        13,
        "CREATE OPERATOR FAMILY app.hashed USING hash; CREATE OPERATOR CLASS app.class FOR TYPE int USING hash FAMILY app.hashed AS OPERATOR 1 =",
        "",
        &[],
    ),
    (
        13,
        "ALTER OPERATOR CLASS app.class USING hash OWNER TO fp_other",
        "operator class app.class using hash",
        &["owner"],
    ),
    (13, "SELECT lo_create(4711)", "large objects", &["of rlsgate"]),
    (13, "GRANT SELECT ON LARGE OBJECT 4711 TO fp_user", "large objects", &["of rlsgate/grant fp_user/select"]),
    (13, "ALTER DOMAIN app.short ADD CONSTRAINT more CHECK (VALUE <> '')", "domain app.short", &["constraint more"]),
    (13, "ALTER DOMAIN app.short SET DEFAULT 'x'", "domain app.short", &["default"]),
    (13, "REVOKE USAGE ON TYPE app.span FROM PUBLIC", "type app.span", &["grant public/usage"]),
    // Foreign servers: names of options, never values.
    (13, "ALTER SERVER far OPTIONS (ADD host 'not to be shown')", "server far", &["option host"]),
    (
        13,
        "ALTER USER MAPPING FOR fp_user SERVER far OPTIONS (ADD word 'not to be shown')",
        "server far",
        &["user mapping for fp_user/option word"],
    ),
    // Values show in their digests.
    (13, "ALTER SERVER far OPTIONS (SET host 'elsewhere, not to be shown')", "server far", &["option host"]),
    (
        13,
        "ALTER USER MAPPING FOR fp_user SERVER far OPTIONS (SET word 'another, not to be shown')",
        "server far",
        &["user mapping for fp_user/option word"],
    ),
    (
        13,
        "ALTER USER MAPPING FOR fp_user SERVER far OPTIONS (ADD password 'not to be shown')",
        "server far",
        &["user mapping for fp_user/option password"],
    ),
    (13, "GRANT USAGE ON FOREIGN SERVER far TO fp_other", "server far", &["grant fp_other/usage"]),
    (
        13,
        "ALTER FOREIGN TABLE app.away OPTIONS (ADD path 'not to be shown')",
        "foreign table app.away",
        &["option path"],
    ),
    (
        13,
        "ALTER FOREIGN TABLE app.away OPTIONS (SET path 'elsewhere, not to be shown')",
        "foreign table app.away",
        &["option path"],
    ),
    (
        13,
        "ALTER FOREIGN TABLE app.away ALTER id OPTIONS (ADD column_name 'not to be shown')",
        "foreign table app.away",
        &["column id/option column_name"],
    ),
    (
        13,
        "ALTER FOREIGN TABLE app.away ALTER id OPTIONS (SET column_name 'elsewhere')",
        "foreign table app.away",
        &["column id/option column_name"],
    ),
    (15, "GRANT SET ON PARAMETER work_mem TO fp_user", "parameter work_mem", &["grant fp_user/set"]),
    (15, "GRANT ALTER SYSTEM ON PARAMETER work_mem TO fp_user", "parameter work_mem", &["grant fp_user/alter system"]),
    (13, "ALTER DATABASE %D SET app.jwt_secret = 'not to be shown'", "database", &["setting app.jwt_secret"]),
    (13, "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC", "language plpgsql", &["grant public/usage"]),
    (
        13,
        "CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA other VERSION '1.2'",
        "extension btree_gist",
        &["owner", "schema", "version"],
    ),
    (13, "ALTER EXTENSION btree_gist UPDATE", "extension btree_gist", &["version"]),
    (13, "ALTER EXTENSION btree_gist SET SCHEMA public", "extension btree_gist", &["schema"]),
];
