//! The pieces by which a secret is recognised, since texts are cut.

use std::collections::HashSet;

/// Neighbouring bytes by which a secret is recognised.
pub(super) const PIECE: usize = 12;

type Piece = [u8; PIECE];

/// All pieces of some secrets.
#[derive(Default)]
pub(super) struct Pieces {
    known: HashSet<Piece>,
    /// A bit for each three bytes that a piece begins with. Nearly every piece of other texts is told apart by it.
    beginnings: Vec<bool>,
}

impl Pieces {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.beginnings.resize(BEGINNINGS, false);
        for piece in bytes
            .windows(PIECE)
            .filter_map(|it| Piece::try_from(it).ok())
        {
            if let Some(bit) = self.beginnings.get_mut(beginning(&piece)) {
                *bit = true;
            }
            self.known.insert(piece);
        }
    }

    /// Where a piece begins in the bytes.
    pub(super) fn places<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let windows = bytes.windows(PIECE).enumerate();
        let windows = windows.filter(|(_, piece)| {
            let is_near = self.beginnings.get(beginning(piece));
            is_near == Some(&true) && self.known.contains(*piece)
        });
        windows.map(|(at, _)| at)
    }
}

/// The number of different beginnings.
const BEGINNINGS: usize = 1 << 13;

/// A number for the first three bytes of a piece.
fn beginning(piece: &[u8]) -> usize {
    match piece {
        [first, second, third, ..] => {
            let [first, second, third] = [first, second, third].map(|byte| usize::from(*byte));
            (first ^ second << 3 ^ third << 6) % BEGINNINGS
        }
        _ => 0,
    }
}
