//! What can go wrong for a person, as data: what to do next, what happened, whether money moved.
//!
//! `error` turns a [`Problem`] into words; nothing here knows a language.

/// Whether money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyMoved {
    /// Certainly not.
    No,
    /// Nobody can say yet.
    Unknown,
}

/// One thing that went wrong. Every text in it was sanitised where it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The provider does not accept the profile's credentials.
    Credentials {
        /// The profile.
        profile: String,
    },
    /// The credentials may not do this, or the store is another one.
    Forbidden {
        /// The profile.
        profile: String,
    },
    /// The provider knows no such channel.
    ChannelUnknown {
        /// The channel's name.
        channel: String,
    },
    /// The provider refused the request before any PG saw it.
    Refused {
        /// The provider's word for it.
        kind: String,
        /// The provider's sentence.
        message: String,
    },
    /// The provider could not be reached: nothing was sent.
    Unreachable {
        /// What the connection said.
        detail: String,
    },
    /// The server's certificate is not good: nothing was sent.
    Certificate {
        /// What the check said.
        detail: String,
    },
    /// The ledger can't be written: nothing was sent.
    Ledger {
        /// What the disk or database said.
        detail: String,
    },
    /// Card fields are missing or malformed: nothing was sent.
    Card {
        /// Which field: `number`, `expiry`, `identity`, `pin`.
        field: &'static str,
    },
    /// The channel can't be asked for this: nothing was sent.
    Unsupported {
        /// What: `bank`, `currency`, `fixed_account`, `pg_api_key`, `provider_payment_id`,
        /// `move_schedule`, `retry_schedule`, `schedules`, `cash_receipt`, `by_hand`.
        what: &'static str,
    },
    /// There is no such billing key, or it was deleted: nothing was charged.
    KeyGone,
    /// The name of a new billing key (V1 `customer_uid`) is in use: nothing was sent.
    KeyTaken {
        /// The card behind it now, as far as it may be shown.
        card: String,
    },
    /// The key still has schedules: it was not deleted.
    KeyHasSchedules,
    /// A card was to be kept and then charged; nobody saw whether it was kept, so nothing was charged.
    CardMayBeKept {
        /// A word why.
        why: String,
    },
    /// A key's schedules were to be revoked before it is deleted; nobody saw whether they were, so it was not
    /// deleted.
    SchedulesMayBeRevoked {
        /// A word why.
        why: String,
    },
    /// The virtual account waits for no deposit any more: it was not closed.
    NotWaiting,
    /// There is no such schedule: nothing was changed.
    ScheduleGone,
    /// The schedule has run, is running, or was revoked: nothing was changed.
    ScheduleNotOpen,
    /// There is a schedule under this payment id: nothing was added.
    ScheduleExists,
    /// The time of the schedule is over: nothing was sent.
    SchedulePast,
    /// Another process is carrying this batch out: nothing was sent.
    BatchRuns,
    /// The balance of a payment is another than the one that a refund was meant for: nothing was refunded.
    BalanceChanged,
    /// The payment can't be refunded like this: nothing was refunded.
    NotRefundable {
        /// What stands in the way: `amount`, `tax`, `reason`, `not_paid`, `cancelled`, `count`, `promotion`.
        what: &'static str,
    },
    /// A rule of the PG, the law or arithmetic forbids the refund: nothing was refunded.
    RefundBlocked {
        /// The rule.
        rule: &'static str,
        /// The catalogue's key of its sentence.
        key: &'static str,
        /// The values of the sentence's placeholders.
        figures: Vec<(&'static str, String)>,
    },
    /// An earlier one of the same kind, about the same payment, has no end yet: nothing was sent.
    EarlierOpen {
        /// Its id.
        reference: String,
    },
    /// Why is not said: nothing was written.
    NoReason,
    /// A file can't be written.
    FileNotWritten {
        /// What the disk said.
        detail: String,
    },
    /// There is a cash receipt already: none was issued.
    ReceiptExists,
    /// There is no cash receipt that could be cancelled: nothing was cancelled.
    NoReceipt,
    /// The request does not fit the place kept for it: nothing was sent.
    TooLarge,
    /// Another request with card data is still being sent.
    Busy,
    /// The program was told to end before the request was sent.
    Stopped,
    /// What was to be shown could not be made ready: the program's own mistake. For questions, where nothing changes.
    Died,
    /// The provider takes no more questions for now (V2 §3.2). For look-ups, where nothing changes.
    Later {
        /// A word why: `http_429`, `http_503`.
        why: String,
        /// How many seconds it wants to be left alone, where it said.
        seconds: Option<u32>,
    },
    /// The answer can't be used; try again later. For look-ups, where nothing changes.
    Unreadable {
        /// A word why.
        why: String,
    },
}

impl Problem {
    /// Whether money moved when this happened. Problems stand for requests that were never accepted; what
    /// may have been accepted is an unknown outcome, not a problem.
    pub const fn money_moved(&self) -> MoneyMoved {
        match self {
            Self::Later { .. } | Self::Unreadable { .. } => MoneyMoved::Unknown,
            _ => MoneyMoved::No,
        }
    }

    /// The same where nothing was sent but a question: that it could not be answered says nothing about money.
    #[must_use]
    pub fn of_a_question(self) -> Self {
        match self {
            Self::Later { why, .. } | Self::Unreadable { why } => Self::Unreachable { detail: why },
            problem => problem,
        }
    }

    /// The word of it in the journal and in `--json`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Credentials { .. } => "credentials",
            Self::Forbidden { .. } => "forbidden",
            Self::ChannelUnknown { .. } => "channel_unknown",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::Certificate { .. } => "certificate",
            Self::Ledger { .. } => "ledger",
            Self::Card { .. } => "card",
            Self::Unsupported { .. } => "unsupported",
            Self::KeyGone => "key_gone",
            Self::KeyTaken { .. } => "key_taken",
            Self::KeyHasSchedules => "key_has_schedules",
            Self::CardMayBeKept { .. } => "card_may_be_kept",
            Self::SchedulesMayBeRevoked { .. } => "schedules_may_be_revoked",
            Self::NotWaiting => "not_waiting",
            Self::ScheduleGone => "schedule_gone",
            Self::ScheduleNotOpen => "schedule_not_open",
            Self::ScheduleExists => "schedule_exists",
            Self::SchedulePast => "schedule_past",
            Self::BatchRuns => "batch_runs",
            Self::BalanceChanged => "balance_changed",
            Self::NotRefundable { .. } => "not_refundable",
            Self::RefundBlocked { .. } => "refund_blocked",
            Self::EarlierOpen { .. } => "earlier_open",
            Self::NoReason => "no_reason",
            Self::FileNotWritten { .. } => "file_not_written",
            Self::ReceiptExists => "receipt_exists",
            Self::NoReceipt => "no_receipt",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Stopped => "stopped",
            Self::Died => "died",
            Self::Later { .. } => "later",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}
