//! Standard Webhooks signatures (V2 §18.3) and the base64 they need.

use ring::hmac;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Standard base64 with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place > chunk.len() {
                out.push('=');
            } else {
                out.push(char::from(ALPHABET[(group >> (18 - 6 * place) & 63) as usize]));
            }
        }
    }
    out
}

/// Reads standard base64; `None` when it is not.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut group, mut bits) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let value = ALPHABET.iter().position(|c| *c == byte)?;
        group = group << 6 | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(group >> bits & 0xff).ok()?);
        }
    }
    Some(out)
}

/// The `webhook-signature` header: one `v1` entry per secret; `None` when a secret is no base64 or empty.
pub fn signature(secrets: &[Box<str>], id: &str, timestamp: u32, body: &str) -> Option<String> {
    let mut out = Vec::new();
    for secret in secrets {
        let bytes =
            decode(secret.strip_prefix("whsec_").unwrap_or(secret)).filter(|bytes| !bytes.is_empty())?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        out.push(format!("v1,{}", encode(tag.as_ref())));
    }
    Some(out.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_the_vector_of_the_reference() {
        let body = r#"{"type":"Transaction.Paid","timestamp":"2026-01-01T00:00:00Z","data":{"storeId":"store-1","paymentId":"order0001","transactionId":"tx-1"}}"#;
        let secrets = ["whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY".into()];
        assert_eq!(
            signature(&secrets, "whk-0001-merchant-console", 1_767_225_600, body).as_deref(),
            Some("v1,nioORj6iBThRmdAdbnY8HuUf7gVVLh6OmCojm9tIk+8=")
        );
        assert_eq!(signature(&["whsec_".into()], "a", 1, ""), None);
        assert_eq!(signature(&["not base64!".into()], "a", 1, ""), None);
    }

    proptest::proptest! {
        #[test]
        fn base64_survives_the_round_trip(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
