//! A program of a Python environment that lies beside the chain and is not made yet: what makes it.

use std::path::Path;

/// The commands that make the environment which `program`, a path relative to `dir`, belongs to; `None` where it belongs to
/// none, or nothing says what the environment holds.
pub(super) fn remedy(dir: &Path, program: &str) -> Option<String> {
    let (folder, name) = program.split_once("/bin/")?;
    if name.contains('/') || !dir.join("requirements.txt").is_file() {
        return None;
    }
    Some(format!(
        "run `python3 -m venv {folder} && {folder}/bin/pip install -r requirements.txt` in that folder, or with rlsgate's \
         own script `harness/scripts/python-env.sh {}`",
        dir.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::remedy;

    #[test]
    fn an_environment_of_the_project_is_made_from_its_requirements() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(remedy(folder.path(), ".venv/bin/alembic"), None);
        std::fs::write(folder.path().join("requirements.txt"), "alembic\n").unwrap();
        let with = remedy(folder.path(), ".venv/bin/python").unwrap();
        assert!(with.contains("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"), "{with}");
        assert!(with.contains("harness/scripts/python-env.sh"), "{with}");
        assert_eq!(remedy(folder.path(), "alembic"), None);
    }
}
