//! What a wrong suite is told: the message, and the caret under the place that `«…»` marks.

use std::path::Path;

use rlsgate::Error;
use rlsgate::diagnostic::Diagnostic;
use rlsgate::run::load_suite as load;
use rstest::rstest;
use tempfile::TempDir;

const HEAD: &str = "name = \"shop\"\nchain = \"chain\"\n";

const PEOPLE: &str = r#"
[contexts.jwt]
role = "app"
claims = { sub = ":user" }
[actors]
ann = { context = "jwt", ids = { tenant = "a", user = 1 }, groups = ["member"] }
bea = { context = "jwt", ids = { tenant = "b", user = 2 }, groups = ["member"] }
dev = { context = "jwt", ids = { user = 3 }, groups = ["staff"] }
job = { role = "job" }
locked = { role = "job", powerless = "the login was locked" }
[profiles.tenant]
tenant_key = "tenant_id"
allow.member = "own"
"#;

/// The suite in a folder of its own, with a chain beside it.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("chain")).unwrap();
    std::fs::write(folder.path().join("suite.toml"), text).unwrap();
    folder
}

fn diagnostics(folder: &Path) -> Vec<Diagnostic> {
    match load(&folder.join("suite.toml")) {
        Ok(_) => Vec::new(),
        Err(Error::Input(found)) => found.0,
        Err(other) => panic!("{other}"),
    }
}

/// That the suite is refused for the marked place alone, with this message.
fn refused(marked: &str, message: &str) {
    let start = marked.find('«').unwrap();
    let text = marked.replacen('«', "", 1);
    let end = text.find('»').unwrap();
    let text = text.replacen('»', "", 1);
    let folder = folder(&text);
    let found = diagnostics(folder.path());
    let said: Vec<(&str, &str)> =
        found.iter().map(|one| (one.message.as_str(), text.get(one.span.clone()).unwrap())).collect();
    assert_eq!(said, [(message, text.get(start..end).unwrap())], "in:\n{text}");
    assert_eq!(found[0].span, start..end);
}

#[rstest]
#[case::unknown_key("«titel» = 'x'", "unknown key `titel`, nearest is `title`")]
#[case::no_key_is_near("«colour» = 'x'", "unknown key `colour`")]
#[case::newer_format("format = «2»", "format 2 is not known here, only format 1")]
#[case::wrong_type("title = «5»", "`title`: expected a text, not integer `5`")]
#[case::twice("title = 'x'\n«title» = 'y'", "duplicate key")]
#[case::duration("timeout = «'5h'»", "`5h` is not a duration: write `500ms`, `5s` or `2m`")]
#[case::zero("timeout = «'0s'»", "duration `0s` is zero, which PostgreSQL takes for no limit")]
#[case::no_table("contract.a = «1»", "`a`: expected a table, not integer `1`")]
#[case::state("state = { «upto» = 'x' }", "unknown value `upto`")]
#[case::major("postgres = [«9»]", "9 is not a major version of PostgreSQL")]
#[case::no_schema("schemas = «[]»", "`schemas` is empty: the closed world would hold nowhere")]
#[case::schema("schemas = [«'a.b'»]", "`a.b` is not the name of a schema: there is a dot in it")]
#[case::percent("mutate.minimum = «101.0»", "101 is not a percentage")]
#[case::kind("controls.«contrct» = ['CWE-1']", "unknown key `contrct`, nearest is `contract`")]
#[case::framework("controls.case = [«'CEW-1'»]", "unknown control framework `CEW`, nearest is `CWE`")]
#[case::control("controls.case = [«'CWE1'»]", "`CWE1` is not a control id")]
fn top_level(#[case] line: &str, #[case] message: &str) {
    refused(&format!("{HEAD}{line}\n{PEOPLE}"), message);
}

#[rstest]
#[case::unknown_context("x = { context = «'jwtt'» }", "unknown context `jwtt`, nearest is `jwt`")]
#[case::no_role("«x» = {}", "actor `x` has no role: neither it nor its context says `role` or `login`")]
#[case::name("«X» = { role = 'r' }", "actor name `X` is neither kebab-case nor snake_case")]
#[case::id("x = { role = 'r', ids = { «a-b» = 1 } }", "`a-b` is not a name for an id")]
#[case::id_type("x = { role = 'r', ids = { a = «1.5» } }", "`a`: expected a text or an integer, not a float")]
#[case::shared_name("x = { role = 'r', groups = [«'ann'»] }", "group `ann` has the name of an actor")]
#[case::reason("x = { role = 'r', bypass_rls = «' '» }", "`bypass_rls` is empty")]
#[case::lacks_id("x = { context = «'jwt'» }", "actor `x` has no id `user`, which context `jwt` fills in")]
fn actors(#[case] line: &str, #[case] message: &str) {
    refused(&PEOPLE.replace("[profiles", &format!("{line}\n[profiles")).replacen('\n', HEAD, 1), message);
}

#[rstest]
#[case::claim("claims = { sub = ':user', org = '«:ogr»' }", "unknown id `ogr`")]
#[case::claim_of_another("claims = { org = '«:job.tenant»' }", "actor `job` has no id `tenant`")]
#[case::setting("settings = { 'a.b' = «':usr'» }", "unknown id `usr`, nearest is `user`")]
#[case::no_reference("settings = { 'a.b' = «': x'» }", "`: x` is not a reference to an id")]
#[case::call("call = ['select f(«:usr»)']", "unknown id `usr`, nearest is `user`")]
#[case::sets("sets = { «'a.b'» = ':user' }", "`sets` says what `call` must have set, and there is no `call`")]
fn contexts(#[case] line: &str, #[case] message: &str) {
    let context = format!("[contexts.x]\nrole = 'app'\n{line}\n[actors.zoe]\ncontext = 'x'\nids = {{ user = 4 }}\n");
    refused(&format!("{HEAD}{PEOPLE}{context}"), message);
}

#[rstest]
#[case::key("notes = { «tenat_key» = 'x' }", "unknown key `tenat_key`, nearest is `tenant_key`")]
#[case::profile("notes = { profile = «'tennant'» }", "unknown profile `tennant`, nearest is `tenant`")]
#[case::profile_only("notes = { profile = «'x'», allow.member = 'own' }", "unknown profile `x`")]
#[case::group("notes = { allow.«membr» = 'all' }", "unknown actor or group `membr`, nearest is `member`")]
#[case::row_set(
    "notes = { rows.public = 'p', allow.job = «'pubic'» }",
    "unknown row set of `notes`: `pubic`, nearest is `public`"
)]
#[case::in_a_list(
    "notes = { rows.p = 'p', allow.job = { select = ['p', «'qq'»] } }",
    "unknown row set of `notes`: `qq`"
)]
#[case::no_own("notes = { allow.member = «'own'» }", "`notes` has no row set `own`: nothing says whose row it is")]
#[case::command("notes = { allow.job = { «selct» = 'all' } }", "unknown key `selct`, nearest is `select`")]
#[case::reserved("notes = { rows.«all» = 'p' }", "`all` is a word of the format, not a name for a row set")]
#[case::alone("notes = { tenant_key = 't', allow.member = ['own', «'all'»] }", "`all` stands alone")]
#[case::no_cell("notes = { allow.member = «[]» }", "no row set is named")]
#[case::cell_type(
    "notes = { allow.job = { select = «1» } }",
    "`select`: expected a row set, a list of row sets, or a table with `rows`, not integer `1`"
)]
#[case::no_rows(
    "notes = { rows.p = 'p', allow.job = { truncate = «'p'» } }",
    "`truncate` has no rows, and `p` is a row set"
)]
#[case::no_columns(
    "notes = { allow.job = { delete = { rows = 'all', columns = «['a']» } } }",
    "`delete` has no columns: PostgreSQL grants it on the whole relation"
)]
#[case::to(
    "notes = { allow.job = { select = { rows = 'all', to = «'none'» } } }",
    "`to` says where an UPDATE may take a row, and this is `select`"
)]
#[case::lacks_id(
    "notes = { tenant_key = 't', allow.staff = «'own'» }",
    "actor `dev` (group `staff`) has no id `tenant`, which row set `own` of `notes` compares with `t`"
)]
#[case::to_lacks_id(
    "notes = { tenant_key = 't', allow.dev = { update = «{ rows = 'all', to = 'own' }» } }",
    "actor `dev` has no id `tenant`, which row set `own` of `notes` compares with `t`"
)]
#[case::sql_lacks_id(
    "notes = { rows.mine = 'u = :user', allow.job = «'mine'» }",
    "actor `job` has no id `user`, which row set `mine` of `notes` refers to"
)]
#[case::reference("notes = { rows.mine = 'u = «:usr»' }", "unknown id `usr`, nearest is `user`")]
#[case::of_another("notes = { rows.mine = 'u = «:anne.user»' }", "unknown actor `anne`, nearest is `ann`")]
#[case::another_lacks("notes = { rows.mine = 'u = «:dev.tenant»' }", "actor `dev` has no id `tenant`")]
#[case::tenant_id("notes = { tenant_key = { «tenat» = 't' } }", "unknown id `tenat`, nearest is `tenant`")]
#[case::tenant_list(
    "notes = { tenant_key = «['a']» }",
    "`tenant_key`: expected a column, or a table `{ id = \"column\" }`, not a list"
)]
#[case::both_keys(
    "notes = { tenant_key = 'a', tenant_via = «'b'» }",
    "`tenant_key` and `tenant_via` both say whose row it is"
)]
#[case::powerless(
    "notes = { allow.locked = «'all'» }",
    "actor `locked` is `powerless`, and `notes` grants it something"
)]
#[case::skip("notes = { skip = «''» }", "`skip` is empty")]
#[case::pass_through_reason("notes = { pass_through.user = { select = 'all', reason = «''» } }", "`reason` is empty")]
#[case::no_reason("notes = { pass_through.user = «{ select = 'all' }» }", "key `reason` is missing")]
#[case::pass_through_id(
    "notes = { pass_through.«usr» = { select = 'all', reason = 'r' } }",
    "unknown id `usr`, nearest is `user`"
)]
#[case::versions(
    "notes = { min_postgres = «17», max_postgres = 15 }",
    "`min_postgres` 17 is above `max_postgres` 15: it would never be tried"
)]
#[case::name("«'a-b'» = {}", "`a-b` is not a name in SQL: write `orders`, `app.orders` or `\"Mixed\".\"Case\"`")]
#[case::spelt_twice("notes = {}\n«Notes» = {}", "`Notes` is the relation of line 17, under another spelling")]
#[case::insert_with("notes = { insert_with = { a = '«:usr»' } }", "unknown id `usr`, nearest is `user`")]
fn contract(#[case] line: &str, #[case] message: &str) {
    refused(&format!("{HEAD}{PEOPLE}[contract]\n{line}\n"), message);
}

#[rstest]
#[case::group("'f()' = [«'membr'»]", "unknown actor or group `membr`, nearest is `member`")]
#[case::no_types(
    "«f» = ['member']",
    "`f` is not a function with its argument types: write `f(uuid, boolean)`, or `f()`"
)]
#[case::argument_of_an_id(
    "'f(int)' = { allow = [«'staff'»], arguments = { a = ':tenant' } }",
    "actor `dev` has no id `tenant`, which the SQL refers to"
)]
#[case::spelt_twice(
    "'f(int)' = []\n«'F( int )'» = []",
    "`F( int )` is the function of line 19, under another spelling"
)]
#[case::relation(
    "'f(int)' = { acts_on = { argument = 'a', relation = «'nots'», command = 'update' } }",
    "unknown relation of the contract: `nots`, nearest is `notes`"
)]
#[case::command(
    "'f(int)' = { acts_on = { argument = 'a', relation = 'notes', command = «'updat'» } }",
    "unknown value `updat`, nearest is `update`"
)]
fn execute(#[case] line: &str, #[case] message: &str) {
    refused(&format!("{HEAD}{PEOPLE}[contract]\nnotes = {{}}\n[execute]\n{line}\n"), message);
}

#[rstest]
#[case::nobody(
    "as = «'anne'»\nsql = 'select 1'\nexpect = 'allowed'",
    "unknown actor or group `anne`, nearest is `ann`"
)]
#[case::expect("as = 'ann'\nsql = 'select 1'\nexpect = «'refussed'»", "unknown value `refussed`, nearest is `refused`")]
#[case::expect_key("as = 'ann'\nsql = 'select 1'\nexpect = { «row» = 1 }", "unknown value `row`, nearest is `rows`")]
#[case::proves_nothing(
    "as = 'ann'\nsql = 'select 1'\nexpect = «'refused'»",
    "`refused` without a `witness` or a `control` proves nothing"
)]
#[case::no_rows_prove_nothing(
    "as = 'ann'\nsql = 'select 1'\nexpect = «{ rows = 0 }»",
    "`rows` without a `witness` or a `control` proves nothing"
)]
#[case::control(
    "as = 'ann'\nsql = 'select 1'\nexpect = 'refused'\ncontrol = «'beaa'»",
    "unknown actor `beaa`, nearest is `bea`"
)]
#[case::control_group(
    "as = 'dev'\nsql = 'select 1'\nexpect = 'refused'\ncontrol = «'member'»",
    "`member` is a group, and a `control` is one actor"
)]
#[case::control_same(
    "as = 'member'\nsql = 'select 1'\nexpect = 'refused'\ncontrol = «'bea'»",
    "`bea` is both who is refused and who must be allowed the same"
)]
#[case::sqlstate("as = 'ann'\nsql = 'select 1'\nexpect = «{ sqlstate = '2350' }»", "`2350` is not an SQLSTATE")]
#[case::word_needs_value(
    "as = 'ann'\nsql = 'select 1'\nexpect = «'rows'»",
    "`expect`: expected a table `{ word = value }`, since this word needs a value, not the word alone"
)]
#[case::number(
    "as = 'ann'\nsql = 'select 1'\nexpect = { rows = «'a'» }",
    "`rows`: expected a whole number from 0 up, not string \"a\""
)]
#[case::two(
    "as = 'ann'\nsql = 'select 1'\nexpect = «{ rows = 1, affected = 1 }»",
    "`expect`: exactly one key is required"
)]
#[case::list(
    "as = 'ann'\nsql = 'select 1'\nexpect = 'allowed'\nbefore = «'x'»",
    "`before`: expected a list, not string \"x\""
)]
#[case::columns(
    "as = 'ann'\nsql = 'select 1'\nexpect = «{ returns = [{ a = 1 }, { b = 1 }] }»",
    "`returns` must name all columns in every row"
)]
#[case::value(
    "as = 'ann'\nsql = 'select 1'\nexpect = «{ value = [1] }»",
    "`expect`: expected one value, or `{ null = true }`, not a list"
)]
#[case::reference(
    "as = 'ann'\nsql = \"select ':usr', «:user_», :user\"\nexpect = 'allowed'",
    "unknown id `user_`, nearest is `user`"
)]
#[case::lacks_id(
    "as = «'staff'»\nsql = 'select :tenant'\nexpect = 'allowed'",
    "actor `dev` has no id `tenant`, which the SQL refers to"
)]
#[case::harness_has_none(
    "as = «'@harness'»\nsql = 'select :tenant'\nexpect = 'allowed'",
    "actor `@harness` has no id `tenant`, which the SQL refers to"
)]
#[case::variant(
    "as = 'ann'\nsql = 'select :p'\nexpect = 'allowed'\nvariants = { a = { p = 1 }, «b» = { q = 1 } }",
    "variant `b` has no parameter `p`, which the SQL refers to"
)]
#[case::parameter(
    "as = 'ann'\nsql = 'select 1'\nexpect = 'allowed'\nvariants = { a = { «user» = 1 } }",
    "parameter `user` has the name of an id"
)]
#[case::nothing_is_tried("as = 'ann'\nexpect = 'allowed'\n«»", "")]
#[case::session(
    "as = 'ann'\nsql = 'select 1'\nexpect = 'allowed'\nsession = «'one'»",
    "`session` is how steps share a connection, and there are none"
)]
#[case::both("as = 'ann'\nsql = 'select 1'\nexpect = 'allowed'\nsteps = «[]»", "case `x` has `sql` and `steps`")]
#[case::keys_of_single(
    "as = «'ann'»\nsteps = [{ as = 'ann', sql = 'select 1', expect = 'allowed' }]",
    "`as` belongs to a case with `sql`, and this one has `steps`"
)]
#[case::step_group(
    "steps = [{ as = «'member'», sql = 'select 1', expect = 'allowed' }]",
    "`member` is a group, and `as` of a step is one actor"
)]
#[case::step_proves_nothing(
    "steps = [{ as = 'ann', sql = 'select 1', expect = «'filtered'» }]",
    "`filtered` in a step without a `witness` of the case proves nothing"
)]
#[case::witness_lacks_id(
    "witness = 'select :tenant from notes'\nsteps = [{ as = «'dev'», sql = 'select 1', expect = 'filtered' }]",
    "actor `dev` has no id `tenant`, which the SQL refers to"
)]
#[case::empty("as = 'ann'\nsql = 'select 1'\nexpect = 'allowed'\nwitness = «' '»", "`witness` is empty")]
#[case::no_statement("as = 'ann'\nsql = «'-- nothing'»\nexpect = 'allowed'", "`sql` holds no statement")]
#[case::no_statement_before(
    "as = 'ann'\nsql = 'select 1'\nbefore = [«';;'»]\nexpect = 'allowed'",
    "`before` holds no statement"
)]
#[case::no_statement_in_a_step(
    "steps = [{ as = 'ann', sql = «'/* x */ ;'», expect = 'allowed' }]",
    "`sql` holds no statement"
)]
#[case::witness_of_nothing(
    "as = 'ann'\nsql = 'select 1'\nexpect = 'filtered'\nwitness = «'select 1 where extract(year from now()) > 0'»",
    "`witness` asks no relation, so it returns the same whatever is there"
)]
#[case::witness_of_a_function(
    "as = 'ann'\nsql = 'select 1'\nexpect = 'filtered'\nwitness = «'select 1 from pg_catalog.generate_series(1, 2)'»",
    "`witness` asks no relation, so it returns the same whatever is there"
)]
#[case::zero(
    "as = 'ann'\nsql = 'select 0'\nexpect = «{ value = 0 }»\ncontrol = 'bea'",
    "`value` of nothing without a `witness` proves nothing"
)]
#[case::one_row_of_zeros(
    "as = 'ann'\nsql = 'select 0'\nexpect = «{ returns = [{ n = 0, any = false }] }»",
    "`returns` of nothing without a `witness` proves nothing"
)]
#[case::zero_in_a_step(
    "steps = [{ as = 'ann', sql = 'select 0', expect = «{ value = 0 }» }]",
    "`value` in a step without a `witness` of the case proves nothing"
)]
#[case::remedy("as = 'ann'\nsql = 'select 1'\nexpect = 'allowed'\nremedy = «' '»", "`remedy` is empty")]
#[case::one_login(
    "session = «'one'»\nsteps = [{ as = 'ann', sql = 'select 1', expect = 'allowed' }, { as = 'lou', sql = 'select 1', expect = 'allowed' }]",
    "`session = \"one\"` needs one login, and the actors have several: the probe's own, lou"
)]
fn cases(#[case] body: &str, #[case] message: &str) {
    if message.is_empty() {
        let text = format!("{HEAD}{PEOPLE}[cases.«x»]\n{}", body.replace("«»", ""));
        return refused(&text, "case `x` has neither `sql` nor `steps`");
    }
    refused(&format!("{HEAD}{PEOPLE}[actors.lou]\nlogin = 'lou'\n[cases.x]\n{body}\n"), message);
}

#[rstest]
#[case::rls("[facts.relations.notes]\nrls = «false»", "`rls = false` needs a `reason`")]
#[case::constraint("[facts.relations.notes.constraints]\na = { «valid» = true }", "unknown key `valid`")]
#[case::policy(
    "[facts.relations.notes.policies]\na = { command = «'selct'» }",
    "unknown value `selct`, nearest is `select`"
)]
#[case::function(
    "[facts.functions.«f»]",
    "`f` is not a function with its argument types: write `f(uuid, boolean)`, or `f()`"
)]
#[case::query(
    "[facts.queries.q]\nsql = 'select «:user»'\nreturns = [{ a = 1 }]",
    "`:user` is an id of the acting actor, and here nobody acts"
)]
#[case::query_of_nothing(
    "[facts.queries.q]\nsql = 'select 1 from a where false'\nreturns = «[]»",
    "query `q` passes on nothing, and without a `witness` that proves nothing"
)]
#[case::query_of_zero(
    "[facts.queries.q]\nsql = 'select 0 as n'\nreturns = «[{ n = 0 }]»",
    "query `q` passes on nothing, and without a `witness` that proves nothing"
)]
#[case::query_without_statement("[facts.queries.q]\nsql = «'--'»\nreturns = [{ n = 1 }]", "`sql` holds no statement")]
#[case::query_witness(
    "[facts.queries.q]\nsql = 'select 1 from a'\nreturns = []\nwitness = «'select 1'»",
    "`witness` asks no relation, so it returns the same whatever is there"
)]
#[case::returns("«[facts.queries.q]»\nsql = 'select 1'", "key `returns` is missing")]
#[case::known(
    "[[known]]\ncheck = «'shp/case/x'»\nreason = 'r'",
    "unknown first part of a check id: `shp`, nearest is `shop`"
)]
#[case::known_id("[[known]]\ncheck = «'shop/case/x y'»\nreason = 'r'", "`shop/case/x y` is not a check id")]
#[case::known_twice(
    "[[known]]\ncheck = 'shop/*'\nreason = 'r'\n[[known]]\ncheck = «'shop/*'»\nreason = 'r'",
    "`shop/*` is known twice"
)]
#[case::known_reason("[[known]]\ncheck = 'shop/*'\nreason = «''»", "`reason` is empty")]
#[case::until("[[known]]\ncheck = 'shop/*'\nreason = 'r'\nuntil = «'2026-02-30'»", "`until` is not a day")]
#[case::until_time("[[known]]\ncheck = 'shop/*'\nreason = 'r'\nuntil = «2026-02-03T00:00:00Z»", "`until` is not a day")]
#[case::guards("[targets.«prod»]\nguards.a = { sql = 'select 1', is_not = 1 }", "target `prod` has no guard with `is`")]
#[case::guard(
    "[targets.prod]\nguards.b = { sql = 'select 1', is = 1 }\nguards.«a» = { sql = 'select 1' }",
    "guard `a` needs one of `is` and `is_not`"
)]
#[case::side(
    "[fidelity.x]\nacross = 'r'\nsource = { «on» = 'before', sql = 'select 1' }\ntarget = 'select 1'\nkey = ['a']",
    "unknown key `on`"
)]
#[case::key(
    "[fidelity.x]\nacross = 'r'\nsource = 'select 1'\ntarget = 'select 1'\nkey = «[]»",
    "`key` names no column"
)]
#[case::both_before(
    "[fidelity.x]\nacross = 'r'\nsource = { at = 'before', sql = 'select 1' }\ntarget = «{ at = 'before', sql = 'select 1' }»\nkey = ['a']",
    "both sides are read before the revision, so that nothing of it is compared"
)]
#[case::two_statements(
    "[fidelity.x]\nacross = 'r'\nsource = «'select 1; select 2'»\ntarget = 'select 1; -- one'\nkey = ['a']",
    "2 statements where one query is read"
)]
#[case::copies(
    "[fidelity.x]\nacross = 'r'\nsource = 'select 1'\ntarget = 'select 1'\nkey = ['a']\nbehaviour.copies = [«1»]",
    "1 is not several at once"
)]
#[case::visibility(
    "[fidelity.x]\nacross = 'r'\nsource = 'select 1'\ntarget = 'select 1'\nkey = ['a']\nvisibility.as = «'membr'»",
    "unknown actor or group `membr`, nearest is `member`"
)]
fn the_rest(#[case] tables: &str, #[case] message: &str) {
    refused(&format!("{HEAD}{PEOPLE}{tables}\n"), message);
}

#[test]
fn everything_wrong_is_named_at_once() {
    let text = format!("{HEAD}titel = 1\n{PEOPLE}[contract]\nnotes = {{ tenat_key = 'x', alow.job = 'all' }}\n");
    let found = diagnostics(folder(&text).path());
    let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "unknown key `titel`, nearest is `title`",
            "unknown key `tenat_key`, nearest is `tenant_key`",
            "unknown key `alow`, nearest is `allow`",
        ]
    );
    let text = format!("{HEAD}{PEOPLE}[contract]\nnotes = {{ profile = 'p' }}\n[execute]\n'f()' = ['g']\n");
    assert_eq!(diagnostics(folder(&text).path()).len(), 2);
}

#[test]
fn a_misspelt_key_is_not_also_missing() {
    let found = diagnostics(folder("nam = 'shop'\nchain = 'chain'\n").path());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "unknown key `nam`, nearest is `name`");
    let found = diagnostics(folder("# a shop\nchain = 'chain'\ntitle = 'x'\n").path());
    assert_eq!((found[0].message.as_str(), found[0].span.clone()), ("key `name` is missing", 0..0));
}

#[test]
fn paths_that_are_not_there_are_named_where_they_stand() {
    let text = format!("name = 'shop'\nchain = 'chains'\nseed = 'seed.sql'\ninclude = ['more.toml']\n{PEOPLE}");
    let folder = folder(&text);
    let found = diagnostics(folder.path());
    assert_eq!(found.len(), 1, "an include is needed before the rest can be judged: {found:?}");
    assert!(found[0].message.contains("more.toml") && text[found[0].span.clone()] == *"'more.toml'");
    std::fs::write(folder.path().join("more.toml"), "").unwrap();
    let found = diagnostics(folder.path());
    assert!(found[0].message.starts_with("there is no folder") && found[1].message.starts_with("there is no file"));
}

#[test]
fn a_name_that_two_files_define_is_refused_where_it_stands_again() {
    let text = format!("name = 'shop'\nchain = 'chain'\ninclude = ['more.toml']\n{PEOPLE}");
    let folder = folder(&text);
    std::fs::write(folder.path().join("more.toml"), "\n[actors]\nann = { role = 'r' }\n").unwrap();
    let found = diagnostics(folder.path());
    let first = folder.path().join("more.toml");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, format!("actor `ann` is defined twice, first at {}:3", first.display()));
    std::fs::write(&first, "[contract]\n").unwrap();
    let found = diagnostics(folder.path());
    assert_eq!((found[0].path.as_path(), found[0].message.as_str()), (first.as_path(), "unknown key `contract`"));
}

/// The text that a person sees, whole: the two messages of the format's description.
#[test]
fn messages_are_as_the_description_shows_them() {
    let shown = |text: &str| {
        let folder = folder(text);
        let Err(Error::Input(found)) = load(&folder.path().join("suite.toml")) else { panic!("it loads") };
        found.to_string().replace(&folder.path().display().to_string(), "suites/shop")
    };
    assert_eq!(
        shown(&format!("{HEAD}{PEOPLE}[contract.connectors]\ntenat_key = \"workspace_id\"\n")),
        "error: unknown key `tenat_key`, nearest is `tenant_key`
  --> suites/shop/suite.toml:17:1
   |
17 | tenat_key = \"workspace_id\"
   | ^^^^^^^^^"
    );
    let staff = "tenant_key = \"workspace_id\"\nallow.staff = \"own\"\n";
    assert_eq!(
        shown(&format!("{HEAD}{PEOPLE}[contract.connectors]\n{staff}")),
        "error: actor `dev` (group `staff`) has no id `tenant`, which row set `own` of `connectors` compares with `workspace_id`
  --> suites/shop/suite.toml:18:15
   |
18 | allow.staff = \"own\"
   |               ^^^^^
   |
help: give `dev` the id, name another row set, or take `staff` out of this relation"
    );
}
