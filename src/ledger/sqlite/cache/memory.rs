//! The last answers about payments that cost a walk over all of them, as long as nobody wrote anything: a search asks
//! for the same list at every key. One answer of each kind.

use super::{LedgerError, SqliteLedger};
use crate::domain::listing::{Basis, PaymentFilter, RowList};
use crate::domain::text::SafeText;

/// What was asked, and what came.
type Answer<Q, A> = Option<(Q, A)>;

/// The last answers.
#[derive(Debug, Default)]
pub(in crate::ledger::sqlite) struct Memory {
    /// What the ledger was like: other programs' writes so far, and our own.
    version: (i64, u64),
    /// The payments that fit, in their order.
    pub(super) list: Answer<(String, PaymentFilter), RowList>,
    /// The PGs.
    pub(super) pgs: Answer<String, Vec<SafeText>>,
    /// The newest second, and how many there are.
    pub(super) newest: Answer<(String, Basis), (Option<i64>, u64)>,
}

impl SqliteLedger {
    /// The answer of a kind: the last one if the question and the ledger are the same, or a new one.
    pub(super) fn remembered<Q: Clone + PartialEq, A: Clone>(
        &self,
        kind: impl Fn(&mut Memory) -> &mut Answer<Q, A>,
        question: &Q,
        answer: impl FnOnce() -> Result<A, LedgerError>,
    ) -> Result<A, LedgerError> {
        // Looked at before the answer is read: what is written in between makes another version.
        let mut statement = self.connection.prepare_cached("PRAGMA data_version")?;
        let version = (statement.query_row([], |row| row.get(0))?, self.connection.total_changes());
        {
            let mut memory = self.memory.borrow_mut();
            if memory.version != version {
                *memory = Memory { version, ..Memory::default() };
            }
            if let Some((known, answer)) = kind(&mut memory).as_ref()
                && known == question
            {
                return Ok(answer.clone());
            }
        }
        let answer = answer()?;
        self.give_pages_back()?;
        *kind(&mut self.memory.borrow_mut()) = Some((question.clone(), answer.clone()));
        Ok(answer)
    }

    /// Gives the pages back that a walk over everything has filled the cache with: nothing of them is read again soon.
    pub(in crate::ledger::sqlite) fn give_pages_back(&self) -> Result<(), LedgerError> {
        let mut statement = self.connection.prepare_cached("PRAGMA shrink_memory")?;
        // It may answer with a row.
        let _ = statement.query([])?.next()?;
        Ok(())
    }
}
