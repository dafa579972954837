//! The suites of the format's description load, whole.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rlsgate::run::load_suite as load;
use rlsgate::suite::resolved::{Command, Rows, State, Suite, TenantKey};
use rlsgate::suite::resolved_case::{Body, Expect};
use rlsgate::suite::{check_unique, discover};

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/suites").join(path)
}

fn suite(path: &str) -> Suite {
    load(&data(path)).unwrap_or_else(|error| panic!("{error}"))
}

fn relation<'a>(suite: &'a Suite, name: &str) -> &'a rlsgate::suite::resolved::RelationContract {
    suite.contract.iter().find(|relation| relation.name.name == name).unwrap()
}

fn sets(names: &[&str]) -> Rows {
    Rows::Sets(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>())
}

#[test]
fn every_suite_of_a_folder_is_found_and_loads() {
    let found = discover(&[data("")]).unwrap();
    assert_eq!(found.len(), 5, "{found:?}");
    let suites: Vec<Suite> = found.iter().map(|path| load(path).unwrap_or_else(|error| panic!("{error}"))).collect();
    check_unique(&suites).unwrap();
    let twice = [suite("connectors/suite.toml"), suite("connectors/suite.toml")];
    assert!(check_unique(&twice).unwrap_err().to_string().starts_with("two suites are called `connectors`"));
}

#[test]
fn a_folder_without_suites_is_an_error() {
    let error = discover(&[data("../schemas")]).unwrap_err();
    assert!(error.to_string().starts_with("there is no suite in"), "{error}");
    assert!(error.help().contains("`*.suite.toml`"), "{}", error.help());
}

#[test]
fn profiles_are_merged_name_by_name() {
    let connectors = suite("connectors/suite.toml");
    assert_eq!(connectors.contract.len(), 8);
    let executions = relation(&connectors, "connector_executions");
    let member = &executions.allow["member"];
    assert_eq!(member.keys().copied().collect::<Vec<_>>(), [Command::Select]);
    assert_eq!(executions.allow["service"].len(), 4);
    assert_eq!(executions.controls.len(), 4);
    let workspaces = relation(&connectors, "workspaces");
    assert_eq!(workspaces.tenant_key, Some(TenantKey::Columns([("tenant".to_owned(), "id".to_owned())].into())));
    let templates = relation(&connectors, "connector_templates");
    let staff = templates.grant(&connectors.actors["dev"], Command::Select).unwrap();
    assert_eq!(staff.rows, sets(&["public", "for_staff"]));
    assert!(templates.grant(&connectors.actors["ann"], Command::Delete).is_none());
    let owner = relation(&connectors, "saas_admin_users").grant(&connectors.actors["owner"], Command::Delete).unwrap();
    assert_eq!((owner.rows, owner.group.as_str()), (Rows::All, "owner"));
}

#[test]
fn cells_tell_the_line_they_stand_on() {
    let connectors = suite("connectors/suite.toml");
    let cell = &relation(&connectors, "connectors").allow["member"][&Command::Update];
    let line = connectors_line("allow.member  = \"own\"");
    assert_eq!((cell.at.line, &cell.at.path), (line, &data("connectors/suite.toml")));
    let included = suite("rls-hardening/suite.toml");
    let from_profile = &relation(&included, "chat_participants").allow["user"][&Command::Select];
    assert_eq!(from_profile.at.path, data("rls-hardening/actors.toml"));
}

fn connectors_line(text: &str) -> u32 {
    let source = std::fs::read_to_string(data("connectors/suite.toml")).unwrap();
    u32::try_from(source.lines().position(|line| line.starts_with(text)).unwrap() + 1).unwrap()
}

#[test]
fn cases_expand_groups_and_keep_variants_and_steps() {
    let connectors = suite("connectors/suite.toml");
    let case = |name: &str| connectors.cases.iter().find(|case| case.name == name).unwrap();
    assert_eq!(case("self-grant").title, "self grant");
    let Body::Single(single) = &case("self-grant").body else { panic!("steps") };
    assert_eq!(single.actors, ["admin", "ann", "dev"]);
    assert_eq!((&single.expect, single.control.as_deref()), (&Expect::RefusedByPolicy, Some("owner")));
    let Body::Steps { steps, one_session } = &case("deleting-a-workspace-takes-its-rows-along").body else {
        panic!("no steps")
    };
    assert_eq!((steps.len(), *one_session), (3, false));
    let hardening = suite("rls-hardening/suite.toml");
    let look_alike = hardening.cases.iter().find(|case| case.name == "look-alike-avatar-path").unwrap();
    let Body::Single(single) = &look_alike.body else { panic!("steps") };
    assert_eq!((single.variants.len(), single.variants["empty"]["path"].as_str()), (10, ""));
}

#[test]
fn states_contexts_and_pass_through_are_kept() {
    assert_eq!(suite("connectors/suite.toml").state, State::Head);
    let at = State::At("641-connector-access-to-polymorphic".to_owned());
    assert_eq!(suite("extension-access/suite.toml").state, at);
    assert_eq!(suite("rls-hardening/rolled-back.suite.toml").state, State::DownTo("000_before".to_owned()));
    let installations = suite("installations/suite.toml");
    let api = &installations.actors["api_a"];
    assert_eq!((api.role.as_deref(), api.call.len(), api.sets.len()), (Some("app_api"), 2, 2));
    assert_eq!(api.ids["installation"], "101");
    let settings = relation(&installations, "user_settings");
    assert_eq!(settings.pass_through["user"].commands[&Command::Select], sets(&["installation"]));
    let keys = &relation(&installations, "user_api_keys").allow["api"][&Command::Select];
    assert_eq!(keys.columns.as_ref().map(BTreeSet::len), Some(5));
    let co_owners = suite("extension-access/suite.toml");
    let via = &relation(&co_owners, "extension_co_owners").tenant_key;
    assert_eq!(via, &Some(TenantKey::Via("installed_extension_id".to_owned())));
}
