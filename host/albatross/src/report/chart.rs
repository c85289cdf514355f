//! Numbers over time: as a picture, and as a table for those who cannot see it or want to copy it.

use albatross_contract::Timestamp;

use crate::{
    comparison::Extent,
    html::{
        Element, element,
        table::{column, number, numbers, table, title},
        text,
    },
    render::time::moment,
    replay::Point,
};

/// The most columns of a picture. Passes are put together by time.
const MOST: u128 = 120;
/// The size of a picture in its own units, which stretch with the page.
const WIDTH: u64 = 1_200;
const HEIGHT: u64 = 120;

/// A number of each pass.
pub struct Measure {
    /// What it is.
    pub title: &'static str,
    /// The number.
    pub of: fn(&Extent) -> usize,
}

/// Passes of a stretch of time: the largest numbers of each side.
struct Column {
    begin: Timestamp,
    passes: usize,
    largest: [usize; 2],
}

/// A chart of what was recorded, and, with `sides` of two titles, of what was planned now.
pub fn chart(points: &[&Point], measure: &Measure, sides: &[&str]) -> Element {
    let columns = columns(points, measure);
    let shown = columns.iter().filter(|column| column.passes > 0);
    let most = shown.clone().flat_map(|column| column.largest).max().unwrap_or_default();
    let ends = [points.first(), points.last()].map(|point| point.map_or(0, |point| point.time));
    let caption = format!("{}, the most in any pass", measure.title);
    let description = format!("{}: {}", measure.title, summary(points, measure, sides));
    let mut picture = element("svg")
        .attribute("viewBox", &format!("0 0 {WIDTH} {HEIGHT}"))
        .attribute("preserveAspectRatio", "none")
        .attribute("role", "img")
        .attribute("aria-label", &description)
        .with(text("title", &description));
    for (side, class) in ["recorded", "replayed"].into_iter().take(sides.len()).enumerate() {
        let line = element("path").attribute("class", class).attribute("d", &path(&columns, side, most));
        picture = picture.with(line);
    }
    let legend = sides.iter().zip(["key recorded", "key replayed"]).map(|(side, class)| {
        element("span").with(element("span").class(class).attribute("aria-hidden", "true")).text(side)
    });
    element("figure")
        .class("chart")
        .with(
            element("figcaption")
                .with(text("span", &caption).class("title"))
                .with(element("span").class("legend").with_all(legend)),
        )
        .with(
            element("div")
                .class("plot")
                .with(
                    element("div")
                        .class("scale")
                        .attribute("aria-hidden", "true")
                        .with_all([text("span", &most.to_string()), text("span", "0")]),
                )
                .with(picture),
        )
        .with(
            element("div")
                .class("ends")
                .attribute("aria-hidden", "true")
                .with_all(ends.map(|time| text("span", &moment(time)))),
        )
        .with(as_table(&columns, &caption, sides))
}

/// Equal stretches of time from the first pass to the last.
fn columns(points: &[&Point], measure: &Measure) -> Vec<Column> {
    let first = points.iter().map(|point| point.time).min().unwrap_or_default();
    let last = points.iter().map(|point| point.time).max().unwrap_or_default();
    // The times of recordings that somebody made up can be as far apart as numbers can be.
    let seconds = u128::from(last - first) + 1;
    let count = seconds.min(MOST);
    let begin = |at: u128| first.saturating_add(u64::try_from(at * seconds / count).unwrap_or(u64::MAX));
    let mut columns: Vec<Column> =
        (0..count).map(|at| Column { begin: begin(at), passes: 0, largest: [0; 2] }).collect();
    for point in points {
        let at = usize::try_from(u128::from(point.time - first) * count / seconds).unwrap_or_default();
        let Some(column) = columns.get_mut(at) else { continue };
        column.passes += 1;
        for (largest, extent) in column.largest.iter_mut().zip([&point.recorded, &point.replayed]) {
            *largest = (*largest).max((measure.of)(extent));
        }
    }
    columns
}

/// Steps: a number holds until the next pass.
fn path(columns: &[Column], side: usize, most: usize) -> String {
    // Keeps the line, which is two units wide, in the picture.
    const MARGIN: u64 = 4;
    let height = HEIGHT - 2 * MARGIN;
    let y = |number: usize| HEIGHT - MARGIN - number as u64 * height / (most.max(1) as u64);
    let x = |at: usize| at as u64 * WIDTH / columns.len().max(1) as u64;
    let mut path = String::new();
    for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.passes > 0) {
        let begin = if path.is_empty() { "M" } else { "H" };
        let y = y(column.largest[side]);
        path.push_str(&match begin {
            "M" => format!("M{} {y}", x(at)),
            _ => format!("H{}V{y}", x(at)),
        });
    }
    path.push_str(&format!("H{WIDTH}"));
    path
}

/// `as recorded at least 1, at most 3, 2 in the end`.
fn summary(points: &[&Point], measure: &Measure, sides: &[&str]) -> String {
    let of = |(title, extent): (&&str, fn(&Point) -> &Extent)| {
        let numbers = || points.iter().map(|point| (measure.of)(extent(point)));
        let [least, most, last] =
            [numbers().min(), numbers().max(), numbers().next_back()].map(Option::unwrap_or_default);
        format!("{title} at least {least}, at most {most}, {last} in the end")
    };
    let extents: [fn(&Point) -> &Extent; 2] = [|point| &point.recorded, |point| &point.replayed];
    sides.iter().zip(extents).map(of).collect::<Vec<_>>().join("; ")
}

fn as_table(columns: &[Column], caption: &str, sides: &[&str]) -> Element {
    let mut heads = vec![column("from"), numbers("passes")];
    heads.extend(sides.iter().map(|side| numbers(side)));
    let rows = columns.iter().filter(|column| column.passes > 0).map(|column| {
        let mut cells = vec![title(&moment(column.begin)), number(&column.passes.to_string())];
        cells.extend(column.largest.iter().take(sides.len()).map(|it| number(&it.to_string())));
        cells
    });
    element("details").with(text("summary", "The numbers of this picture")).with(table(
        caption,
        heads,
        rows.collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(times: impl Iterator<Item = u64>) -> Vec<Point> {
        let point = |(number, time)| {
            let extent = Extent { load_balancers: number, ..Extent::default() };
            Point { time, region: String::new(), recorded: extent, replayed: extent }
        };
        times.enumerate().map(|(number, time)| point((number % 7, time))).collect()
    }

    const LOAD_BALANCERS: Measure = Measure { title: "load balancers", of: |it| it.load_balancers };

    #[test]
    fn ten_thousand_passes_are_put_together_by_time() {
        let points = points((0..10_000).map(|number| 1_000 + 60 * number));
        let columns = columns(&points.iter().collect::<Vec<_>>(), &LOAD_BALANCERS);
        assert_eq!(columns.len(), 120);
        assert_eq!(columns.iter().map(|column| column.passes).sum::<usize>(), 10_000);
        assert!(columns.iter().all(|column| column.largest == [6, 6]));
        let written = chart(&points.iter().collect::<Vec<_>>(), &LOAD_BALANCERS, &["as recorded"]).size();
        assert!(written < 20_000, "{written}");
    }

    #[test]
    fn the_words_are_about_all_passes_and_not_about_the_largest_of_some() {
        let points = points((0..10_000).map(|number| 1_000 + 60 * number));
        let told = summary(&points.iter().collect::<Vec<_>>(), &LOAD_BALANCERS, &["as recorded"]);
        assert_eq!(told, "as recorded at least 0, at most 6, 3 in the end");
    }

    #[test]
    fn one_pass_and_a_pause_are_a_picture_too() {
        for times in [vec![5], vec![5, 5], vec![5, 6], vec![5, 90_000_000], vec![0, u64::MAX]] {
            let points = points(times.iter().copied());
            let columns = columns(&points.iter().collect::<Vec<_>>(), &LOAD_BALANCERS);
            assert_eq!(columns.iter().map(|column| column.passes).sum::<usize>(), times.len());
            assert!(path(&columns, 0, 1).starts_with("M0 "), "{times:?}");
        }
    }
}
