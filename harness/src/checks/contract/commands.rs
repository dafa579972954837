//! The commands that can be tried on a relation.

use crate::catalog::{Relation, RelationKind};
use crate::suite::resolved::Command;

/// The commands that can be tried on a relation of this kind (`pg_relation_is_updatable`; bits as `CmdType`).
pub(crate) fn commands(relation: &Relation) -> Vec<Command> {
    match relation.kind {
        RelationKind::Table | RelationKind::Partitioned => Command::OF_RELATIONS.to_vec(),
        RelationKind::MaterializedView => vec![Command::Select],
        RelationKind::Sequence => Vec::new(),
        RelationKind::View | RelationKind::ForeignTable => {
            let bit = |command| match command {
                Command::Update => 1 << 2,
                Command::Insert => 1 << 3,
                Command::Delete => 1 << 4,
                _ => 0,
            };
            let mut commands = vec![Command::Select];
            commands.extend(
                [Command::Insert, Command::Update, Command::Delete]
                    .into_iter()
                    .filter(|command| relation.updatable & bit(*command) != 0),
            );
            commands
        }
    }
}
