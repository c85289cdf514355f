//! Works on the passes of a folder on all processors: each thread takes a whole group, whose first pass is unpacked once.

use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use albatross_recordings::{Folder, Group};

/// What is done with a group. It is told the place of the first pass of the group among all passes, and gives away one result
/// after another. A result that is not taken any more ends the work.
pub type Work<'a, T> = dyn Fn(u32, &Group, &mut dyn FnMut(T) -> Taken) + Sync + 'a;

/// Whether a result was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was: go on.
    Yes,
    /// An error ended the work.
    NotAnyMore,
}

/// Works on all groups. `take` gets the results in the order in which they are made.
///
/// # Errors
/// The first of `take`, which ends the work.
pub fn each_group<T: Send, E>(
    folder: &Folder,
    work: &Work<'_, T>,
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    // No file system has so many files in a folder that this overflows.
    let mut place: u32 = 0;
    let placed: Vec<(u32, &Group)> = folder
        .groups()
        .iter()
        .map(|group| {
            let first = place;
            place = place.saturating_add(u32::try_from(group.len()).unwrap_or(u32::MAX));
            (first, group)
        })
        .collect();
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(placed.len());
    thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..threads {
            let (sender, next, placed) = (sender.clone(), &next, &placed);
            scope.spawn(move || {
                let mut taken = Taken::Yes;
                while taken == Taken::Yes
                    && let Some((first, group)) = placed.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    work(*first, group, &mut |result| {
                        taken = if sender.send(result).is_ok() { Taken::Yes } else { Taken::NotAnyMore };
                        taken
                    });
                }
            });
        }
        drop(sender);
        results.into_iter().try_for_each(take)
    })
}
