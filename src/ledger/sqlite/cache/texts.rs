//! The texts that searches of payments look through, packed: those of [`ROWS`] rows are one blob for each part, so
//! that a search reads few large values instead of a row for each payment, and only the parts that can have it.

use rusqlite::OptionalExtension as _;

use super::{LedgerError, SqliteLedger};
use crate::domain::listing::RowList;
use crate::domain::search::{Needle, Part, Prepared, ROW_END, ROWS};

/// Rows of one block are so many.
#[expect(clippy::cast_possible_wrap, reason = "128 is no negative number")]
const BLOCK: i64 = ROWS as i64;

/// What a row is found by, or nothing any more.
pub(super) struct RowTexts {
    row: i64,
    parts: [Box<[u8]>; 3],
}

impl RowTexts {
    pub(super) fn new(row: i64, prepared: &Prepared) -> Self {
        Self { row, parts: Part::ALL.map(|part| prepared.part(part).as_bytes().into()) }
    }

    /// Of a row that goes.
    pub(super) fn none(row: i64) -> Self {
        Self { row, parts: Default::default() }
    }
}

/// Where the texts of a block are kept.
const fn place(part: Part, block: i64) -> i64 {
    ((part as i64) << 32) + block
}

/// Puts texts to their rows' places in a block; nothing when all of them are there already.
fn with(known: &[u8], rows: &[RowTexts], part: Part) -> Option<Vec<u8>> {
    let mut texts: Vec<&[u8]> = known.split(|byte| *byte == ROW_END).take(ROWS).collect();
    texts.resize(ROWS, &[]);
    let mut changed = false;
    for row in rows {
        let Some(place) = usize::try_from(row.row % BLOCK).ok().and_then(|place| texts.get_mut(place)) else {
            continue;
        };
        let text: &[u8] = &row.parts[part as usize];
        changed |= *place != text;
        *place = text;
    }
    if !changed {
        return None;
    }
    let used = texts.iter().rposition(|text| !text.is_empty()).map_or(0, |last| last + 1);
    texts.truncate(used);
    let size = texts.iter().map(|text| text.len() + 1).sum();
    let mut out = Vec::with_capacity(size);
    for text in texts {
        out.extend_from_slice(text);
        out.push(ROW_END);
    }
    Some(out)
}

impl SqliteLedger {
    /// Keeps what rows are found by. Inside a transaction of the caller's.
    pub(super) fn put_texts(&self, rows: &mut [RowTexts]) -> Result<(), LedgerError> {
        rows.sort_unstable_by_key(|row| row.row);
        let mut read = self.connection.prepare_cached("SELECT texts FROM payment_texts WHERE place = ?1")?;
        let mut write = self
            .connection
            .prepare_cached("INSERT OR REPLACE INTO payment_texts (place, texts) VALUES (?1, ?2)")?;
        let mut forget = self.connection.prepare_cached("DELETE FROM payment_texts WHERE place = ?1")?;
        for rows in rows.chunk_by(|left, right| left.row / BLOCK == right.row / BLOCK) {
            let block = rows.first().map_or(0, |row| row.row / BLOCK);
            for part in Part::ALL {
                let place = place(part, block);
                let known: Option<Vec<u8>> = read.query_row([place], |row| row.get(0)).optional()?;
                match with(known.as_deref().unwrap_or_default(), rows, part) {
                    None => {}
                    Some(texts) if texts.is_empty() => {
                        forget.execute([place])?;
                    }
                    Some(texts) => {
                        write.execute((place, texts))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Those of a list that have it, in the list's order.
    pub(super) fn having(&self, of: &RowList, needle: &Needle) -> Result<RowList, LedgerError> {
        let all = of.window(0..of.len());
        let mut blocks: Vec<i64> = Vec::new();
        for row in all {
            let block = row.number() / BLOCK;
            if blocks.last() != Some(&block) {
                blocks.push(block);
            }
        }
        blocks.sort_unstable();
        blocks.dedup();
        let found = self.rows_having(&blocks, needle)?;
        self.give_pages_back()?;
        let most: u32 = found.iter().map(|rows| rows.count_ones()).sum();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        // A list's neighbours are mostly of the same block.
        let mut near = 0;
        let mut has = |row: i64| {
            let block = row / BLOCK;
            if blocks.get(near) != Some(&block) {
                near = blocks.partition_point(|other| *other < block);
            }
            found.get(near).is_some_and(|rows| rows >> (row % BLOCK) & 1 == 1)
        };
        let mut rows = Vec::with_capacity(all.len().min(most));
        rows.extend(all.iter().copied().filter(|row| has(row.number())));
        Ok(rows.into_iter().collect())
    }

    /// The rows that have it, of each of these blocks, which ascend: the first row's bit is the lowest.
    fn rows_having(&self, blocks: &[i64], needle: &Needle) -> Result<Vec<u128>, LedgerError> {
        let terms = needle.terms();
        let mut found = vec![vec![0u128; blocks.len()]; terms.len()];
        let mut statement = self
            .connection
            .prepare_cached("SELECT place, texts FROM payment_texts WHERE place BETWEEN ?1 AND ?2")?;
        for part in Part::ALL {
            let looking: Vec<usize> = (0..terms.len()).filter(|at| terms[*at].looks_in(part)).collect();
            if looking.is_empty() {
                continue;
            }
            let mut first = 0;
            // Blocks that lie together are read together.
            for run in blocks.chunk_by(|left, right| left + 1 == *right) {
                let (Some(from), Some(until)) = (run.first(), run.last()) else { continue };
                let mut rows = statement.query((place(part, *from), place(part, *until)))?;
                while let Some(row) = rows.next()? {
                    let at = row.get::<_, i64>(0)? - place(part, *from);
                    let texts = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                    let at = first + usize::try_from(at).unwrap_or(usize::MAX);
                    for term in &looking {
                        if let Some(rows) = found[*term].get_mut(at) {
                            *rows |= terms[*term].rows(part, texts);
                        }
                    }
                }
                first += run.len();
            }
        }
        let mut all = vec![u128::MAX; blocks.len()];
        for term in found {
            for (all, rows) in all.iter_mut().zip(term) {
                *all &= rows;
            }
        }
        Ok(all)
    }
}
