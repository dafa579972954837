//! A difference as people read it: by object, in the order of names, with what was there and what is there now.

use std::fmt;

use super::{Change, Diff, Presence};
use crate::text::{one_line, printable};

impl fmt::Display for Diff {
    /// One line for an object, then one for each property that differs; texts of several lines are shown as the lines
    /// that differ. Empty for no difference. Control characters are replaced.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((before, after)) = self.majors {
            writeln!(f, "PostgreSQL {before} -> {after}: definitions may differ by that alone")?;
        }
        for (object, diff) in &self.objects {
            let sign = match diff.presence {
                Presence::Added => "+",
                Presence::Removed => "-",
                Presence::Altered => "~",
            };
            writeln!(f, "{sign} {}", name(object))?;
            for (property, change) in &diff.properties {
                show(f, &name(property), change)?;
            }
        }
        Ok(())
    }
}

fn name(text: &str) -> String {
    one_line(&printable(text)).into_owned()
}

fn show(f: &mut fmt::Formatter<'_>, property: &str, change: &Change) -> fmt::Result {
    match change {
        Change::Added(text) => block(f, '+', property, text),
        Change::Removed(text) => block(f, '-', property, text),
        Change::Changed { before, after } if before.contains('\n') || after.contains('\n') => {
            writeln!(f, "    ~ {property}:")?;
            let (before, after): (Vec<_>, Vec<_>) = (before.split('\n').collect(), after.split('\n').collect());
            let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
            let (before, after) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
            let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
            lines(f, '-', before.get(..before.len() - tail).unwrap_or_default())?;
            lines(f, '+', after.get(..after.len() - tail).unwrap_or_default())
        }
        Change::Changed { before, after } => {
            writeln!(f, "    ~ {property}: {} -> {}", printable(before), printable(after))
        }
    }
}

fn block(f: &mut fmt::Formatter<'_>, sign: char, property: &str, text: &str) -> fmt::Result {
    if !text.contains('\n') {
        return writeln!(f, "    {sign} {property}: {}", printable(text));
    }
    writeln!(f, "    {sign} {property}:")?;
    lines(f, sign, &text.split('\n').collect::<Vec<_>>())
}

fn lines(f: &mut fmt::Formatter<'_>, sign: char, lines: &[&str]) -> fmt::Result {
    for line in lines {
        writeln!(f, "        {sign} {}", printable(line))?;
    }
    Ok(())
}
