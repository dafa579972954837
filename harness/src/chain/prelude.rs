//! What a chain stands on: platform objects that are there before its first revision.

use std::path::Path;
use std::sync::Arc;

use super::script::Script;
use crate::Error;
use crate::diagnostic::Diagnostic;

/// Something that runs before the chain, as superuser.
#[derive(Debug)]
pub struct Prelude {
    /// As the manifest names it.
    pub name: String,
    /// What runs; nothing for `none`.
    pub script: Option<Script>,
    /// Owner of the chain, unless the manifest says another; the prelude makes this role.
    pub owner: Option<&'static str>,
    /// Schemas searched after the chain's own, as the platform has it.
    pub search_path: &'static [&'static str],
}

const SUPABASE: &str = include_str!("preludes/supabase.sql");

/// The names of the preludes that come with the harness.
pub const BUILT_IN: &[&str] = &["none", "supabase"];

impl Prelude {
    /// The built-in prelude `name`, or the SQL file of that name in `folder`.
    ///
    /// # Errors
    /// The file cannot be read, or cannot be cut into statements.
    pub fn find(name: &str, folder: &Path) -> Result<Self, Error> {
        let plain = |script| Self { name: name.to_owned(), script, owner: None, search_path: &[] };
        match name {
            "none" => Ok(plain(None)),
            "supabase" => {
                let script = Script::parse(Path::new("<prelude supabase>"), Arc::from(SUPABASE))?;
                Ok(Self { owner: Some("postgres"), search_path: &["extensions"], ..plain(Some(script)) })
            }
            file => Ok(plain(Some(Script::read(&folder.join(file))?))),
        }
    }
}

/// Says which preludes there are, at the place that names none of them.
pub(super) fn unknown(mut at: Diagnostic, name: &str) -> Diagnostic {
    let nearest = super::nearest::suffix(name, BUILT_IN.iter().copied());
    at.message = format!("no prelude `{name}`{nearest}, and no file of that name");
    at.help = format!("built in are {}; anything else is the path of an SQL file", BUILT_IN.join(" and "));
    at
}
