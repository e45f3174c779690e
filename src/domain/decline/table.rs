//! The table of published card codes.

use super::super::pg::{Generation, PgCode};
use super::{By, Class, Field, Verdict};
use std::collections::HashMap;
use std::sync::LazyLock;

const SOURCE: &str = include_str!("../../../assets/decline-codes.tsv");

static TABLE: LazyLock<HashMap<(Family, &'static str), Verdict>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary, and a test parses it")]
    parse(SOURCE).expect("assets/decline-codes.tsv is part of the binary")
});

/// Gateways that share a list of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    Kcp,
    Inicis,
    TossPayments,
}

impl Family {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "KCP" => Some(Self::Kcp),
            "INICIS" => Some(Self::Inicis),
            "TOSSPAYMENTS" => Some(Self::TossPayments),
            _ => None,
        }
    }
}

/// The family of a gateway, by the wire codes of its API generation.
pub(super) fn family(pg: &PgCode, generation: Generation) -> Option<Family> {
    match (generation, pg.as_str()) {
        (Generation::V2, "KCP_V2") | (Generation::V1, "kcp" | "kcp_billing" | "kcp_quick") => {
            Some(Family::Kcp)
        }
        (Generation::V2, "INICIS_V2") | (Generation::V1, "html5_inicis" | "inicis") => Some(Family::Inicis),
        (Generation::V2, "TOSSPAYMENTS") | (Generation::V1, "tosspayments" | "uplus") => {
            Some(Family::TossPayments)
        }
        _ => None,
    }
}

/// The verdict on a code. Inicis passes KCP's codes on with `04` in front; those of them that its own list
/// lacks are looked up in KCP's.
pub(super) fn look_up(family: Family, code: &str) -> Option<Verdict> {
    let code = code.trim().to_ascii_uppercase();
    let found = TABLE.get(&(family, code.as_str())).copied();
    found.or_else(|| match family {
        Family::Inicis => TABLE.get(&(Family::Kcp, code.strip_prefix("04")?)).copied(),
        Family::Kcp | Family::TossPayments => None,
    })
}

pub(super) fn parse(source: &'static str) -> Result<HashMap<(Family, &'static str), Verdict>, String> {
    let mut table = HashMap::new();
    for (family, code, class, field) in rows(source) {
        let wrong = || format!("{family} {code} {class} {field:?}");
        let class = Class::from_name(class).ok_or_else(wrong)?;
        let field = field.map(|field| Field::from_name(field).ok_or_else(wrong)).transpose()?;
        if field.is_some() && class != Class::Retype {
            return Err(wrong());
        }
        let family = Family::from_name(family).ok_or_else(wrong)?;
        if table.insert((family, code), Verdict { class, field, by: By::Table }).is_some() {
            return Err(wrong());
        }
    }
    Ok(table)
}

/// Family, code, class and field of each row.
pub(super) fn rows(
    source: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str, Option<&'static str>)> {
    source.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?, cells.next()?, cells.next()?, cells.next()))
    })
}

/// How many codes the table has, for tests.
#[cfg(test)]
pub(super) fn len() -> usize {
    TABLE.len()
}

/// Every code of a family, for tests.
#[cfg(test)]
pub(super) fn codes(family: Family) -> Vec<&'static str> {
    TABLE.keys().filter(|(of, _)| *of == family).map(|(_, code)| *code).collect()
}
