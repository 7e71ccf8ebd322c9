//! From places in a text that was made to places in the text that it was made from.

/// Line and column in characters, both from 1.
pub(super) type At = (usize, usize);

/// Where the pieces of a made text come from.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// In the order of the made text.
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    made: At,
    from: At,
    /// Whether what follows was copied, so that its places move along; otherwise all of it comes from one place.
    is_copy: bool,
}

impl Places {
    /// What stands at `made` and after was copied from `from` and after.
    pub(super) fn copied(&mut self, made: At, from: At) {
        let is_copy = true;
        self.pieces.push(Piece {
            made,
            from,
            is_copy,
        });
    }

    /// What stands at `made` and after was made for what stands at `from`.
    pub(super) fn made(&mut self, made: At, from: At) {
        let is_copy = false;
        self.pieces.push(Piece {
            made,
            from,
            is_copy,
        });
    }

    /// Where what stands at a place came from; the place itself before the first piece.
    pub(super) fn back(&self, at: At) -> At {
        let after = self.pieces.partition_point(|piece| piece.made <= at);
        let piece = after.checked_sub(1).and_then(|i| self.pieces.get(i));
        match piece {
            None => at,
            Some(piece) if !piece.is_copy => piece.from,
            Some(piece) if piece.made.0 == at.0 => {
                (piece.from.0, piece.from.1 + (at.1 - piece.made.1))
            }
            Some(piece) => (piece.from.0 + (at.0 - piece.made.0), at.1),
        }
    }
}

/// Moves a place over a text.
pub(super) fn over(at: At, text: &str) -> At {
    match text.rsplit_once('\n') {
        None => (at.0, at.1 + text.chars().count()),
        Some((before, last)) => (
            at.0 + 1 + before.matches('\n').count(),
            1 + last.chars().count(),
        ),
    }
}
