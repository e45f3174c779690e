//! The person who pays. Personal data: kept in the journal, never in a log.

/// What is known of the customer; every part may be missing. Empty texts are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customer {
    id: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Customer {
    /// From what was typed; blanks count as nothing.
    pub fn new(name: &str, phone: &str, email: &str) -> Self {
        Self { id: None, name: filled(name), phone: filled(phone), email: filled(email) }
    }

    /// The same person with the merchant's own id (V2 §5.1 `customer.id`, V1 §4.1 `customer_id`).
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = filled(id);
        self
    }

    /// The merchant's own id of the person.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Name, as typed.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Phone number, as typed.
    pub fn phone(&self) -> Option<&str> {
        self.phone.as_deref()
    }

    /// E-mail address, as typed.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The phone's digits alone, for comparing.
    pub fn phone_digits(&self) -> Option<String> {
        let digits: String = self.phone.as_deref()?.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    }
}
