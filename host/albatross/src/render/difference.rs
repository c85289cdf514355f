//! What differs between two passes, snapshots or plans, for people.

use super::{
    columns::{Row, Sign, wrap, write},
    replay::{figures, table},
    style::{Style, Tint},
    words::{count, cut, first_of, noun, short_id},
};
use crate::{
    difference::{Changed, Difference, Kind},
    json::fields::Field,
};

/// The most objects of a kind that are named in a line.
const NAMED: usize = 8;
/// The most sentences of a kind, and the most changes, each of which has its own lines.
const LINES: usize = 20;
/// The most fields of a change.
const FIELDS: usize = 12;
/// The most characters of a value.
const VALUE: usize = 80;

/// The titles of both sides.
pub const SIDES: [&str; 2] = ["A", "B"];

/// The whole screen of `diff`. `sides`: what both files are.
pub fn difference(difference: &Difference, sides: [&str; 2], style: Style) -> String {
    let mut out = String::new();
    let titled: Vec<Row> =
        SIDES.into_iter().zip(sides).map(|(title, side)| Row::plain(0, title, side)).collect();
    write(&titled, style, &mut out);
    if let Some(world) = &difference.world {
        write_part("In the world", world, style, &mut out);
    }
    write_part("In the answer", &difference.answer, style, &mut out);
    if let Some(both) = difference.figures.as_ref().filter(|_| !difference.equal) {
        out.push('\n');
        out.push_str(&table("", SIDES, &figures(&both.before, &both.after)));
    }
    out.push('\n');
    for line in wrap(&last_line(difference), style.width()) {
        out.push_str(&format!("{}\n", style.paint(Tint::Name, &line)));
    }
    out
}

/// `Difference: 3 objects in the world, 2 in the answer.`
pub fn last_line(difference: &Difference) -> String {
    let number = |kinds: &[Kind]| kinds.iter().map(Kind::count).sum::<usize>();
    let answer = number(&difference.answer);
    match difference.world.as_deref().map(number) {
        _ if difference.equal => "No difference.".to_owned(),
        Some(world) => format!("Differences: {world} in the world, {answer} in the answer."),
        None => format!("Differences: {answer} in the plans."),
    }
}

fn write_part(title: &str, kinds: &[Kind], style: Style, out: &mut String) {
    if kinds.is_empty() {
        return;
    }
    out.push_str(&format!("\n{}\n", style.paint(Tint::Name, title)));
    for kind in kinds {
        write(&rows(kind), style, out);
    }
}

/// The differences of a kind.
pub fn rows(kind: &Kind) -> Vec<Row> {
    let mut rows = Vec::new();
    for (sign, objects) in [(Sign::Add, &kind.added), (Sign::Remove, &kind.removed)] {
        match objects.count {
            0 => {}
            _ if kind.of_sentences => {
                let sentences = objects.first.iter().take(LINES);
                rows.extend(sentences.map(|it| Row::signed(0, sign, kind.kind, it.clone())));
                rows.extend(more(sign, objects.count, |left| noun(left, kind.kind)));
            }
            1 => rows.push(Row::signed(0, sign, kind.kind, objects.first.join(""))),
            number => {
                rows.push(Row::signed(0, sign, count(number, kind.kind), named(&objects.first, number)));
            }
        }
    }
    for changed in kind.changes.first.iter().take(LINES) {
        rows.extend(changed_rows(changed, kind.kind));
    }
    let changes = |left| format!("{} of {}", noun(left, "change"), noun(2, kind.kind));
    rows.extend(more(Sign::Change, kind.changes.count, changes));
    rows
}

/// `and 12 more problems`, where not all have lines.
fn more(sign: Sign, number: usize, noun: impl Fn(usize) -> String) -> Option<Row> {
    let left = number.checked_sub(LINES).filter(|left| *left > 0)?;
    Some(Row::signed(0, sign, format!("and {left} more {}", noun(left)), ""))
}

fn changed_rows(changed: &Changed, kind: &str) -> Vec<Row> {
    let (objects, fields) = (&changed.objects, &changed.fields);
    let title = if objects.count == 1 { kind.to_owned() } else { count(objects.count, kind) };
    let mut rows = vec![Row::signed(0, Sign::Change, title, named(&objects.first, objects.count))];
    rows.extend(fields.first.iter().take(FIELDS).map(field_row));
    if let Some(left @ 1..) = fields.count.checked_sub(FIELDS) {
        rows.push(Row::plain(4, format!("and {}", count(left, "more field")), ""));
    }
    rows
}

fn field_row(field: &Field) -> Row {
    Row::plain(4, field_words(&field.field), format!("{} → {}", value(&field.before), value(&field.after)))
}

/// The first names, and how many more there are.
fn named(first: &[String], number: usize) -> String {
    let shown = if number <= NAMED + 1 { number } else { NAMED };
    let names = first_of(&first[..shown.min(first.len())], shown);
    match number - shown {
        0 => names,
        left => format!("{names} and {left} more"),
    }
}

/// `annotation zalando.org/aws-load-balancer-scheme` instead of `metadata.annotations[…]`, and ARNs as people know them.
fn field_words(path: &str) -> String {
    let path = with_short_arns(path);
    for (list, noun) in [
        ("metadata.annotations[", "annotation"),
        ("metadata.labels[", "label"),
        ("tags[", "tag"),
        ("attributes[", "attribute"),
    ] {
        if let Some(key) = path.strip_prefix(list).and_then(|rest| rest.strip_suffix(']')) {
            return format!("{noun} {key}");
        }
    }
    if path.is_empty() { "content".to_owned() } else { path }
}

fn value(json: &Option<String>) -> String {
    match json {
        None => "nothing".to_owned(),
        Some(json) => cut(&with_short_arns(json), VALUE),
    }
}

/// ARNs differ at their ends, which would be cut off.
fn with_short_arns(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("arn:aws") {
        let end = after.find(['"', ']', ' ', ',']).unwrap_or(after.len());
        out.push_str(before);
        out.push_str(short_id(&after[..end]));
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_tags_and_arns_are_named_as_people_know_them() {
        assert_eq!(field_words("metadata.annotations[a.b/c]"), "annotation a.b/c");
        assert_eq!(field_words("tags[k]"), "tag k");
        let listener =
            "arn:aws:acm:eu-central-1:123456789012:certificate/1a2b3c4d-0000-0000-0000-000000000001";
        assert_eq!(
            field_words(&format!("certificates[{listener}].default")),
            "certificates[1a2b3c4d].default"
        );
        assert_eq!(value(&Some(format!("\"{listener}\""))), "\"1a2b3c4d\"");
        assert_eq!(value(&None), "nothing");
    }

    #[test]
    fn a_long_list_of_names_is_cut() {
        let names: Vec<String> = (0..100).map(|number| format!("n{number}")).collect();
        assert_eq!(named(&names, 10_000), "n0, n1, n2, n3, n4, n5, n6, n7 and 9992 more");
        assert_eq!(named(&names[..9], 9), "n0, n1, n2, n3, n4, n5, n6, n7, n8");
    }
}
