//! Every operation the sandbox serves, by generation, method and path, and the nearest one to a wrong path.
//!
//! Both generations share one address. A path that both know (`/payments`, `/banks` …) is told apart by the
//! credential, by the host name, or by a `/v1` or `/v2` in front (see [`find`]).

use super::input::percent_decode;
use super::model::Version;

/// HTTP methods that exist here.
pub type Method = &'static str;

macro_rules! routes {
    ($($version:ident $method:literal $path:literal $op:ident $auth:ident;)*) => {
        /// The operations.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is the operation of its line in the table below")]
        pub enum Op { $($op),* }

        /// All routes. Literal segments come before parameters.
        pub static ROUTES: &[Route] = &[$(Route {
            version: Version::$version, method: $method, path: $path, op: Op::$op, auth: routes!(@$auth),
        }),*];
    };
    (@secret) => { true };
    (@open) => { false };
}

/// One operation.
#[derive(Debug)]
pub struct Route {
    /// Generation.
    pub version: Version,
    /// HTTP method.
    pub method: Method,
    /// Path with `{parameters}`, as in the schema.
    pub path: &'static str,
    /// Which operation.
    pub op: Op,
    /// Whether a credential is needed.
    pub auth: bool,
}

routes! {
    V2 "POST" "/login/api-secret" V2Login open;
    V2 "POST" "/token/refresh" V2Refresh open;
    V2 "POST" "/payments/{paymentId}/instant" V2Instant secret;
    V2 "POST" "/billing-keys" V2IssueKey secret;
    V2 "GET" "/billing-keys" V2ListKeys secret;
    V2 "GET" "/billing-keys/{billingKey}" V2Key secret;
    V2 "DELETE" "/billing-keys/{billingKey}" V2DeleteKey secret;
    V2 "POST" "/payments/{paymentId}/billing-key" V2ChargeKey secret;
    V2 "POST" "/payments/{paymentId}/schedule" V2Schedule secret;
    V2 "GET" "/payment-schedules" V2ListSchedules secret;
    V2 "DELETE" "/payment-schedules" V2Revoke secret;
    V2 "GET" "/payment-schedules/{paymentScheduleId}" V2OneSchedule secret;
    V2 "GET" "/payments" V2ListPayments secret;
    V2 "GET" "/payments/{paymentId}" V2Payment secret;
    V2 "GET" "/payments/{paymentId}/transactions" V2Transactions secret;
    V2 "GET" "/payments-by-cursor" V2PaymentsByCursor secret;
    V2 "GET" "/payment-events-by-cursor" V2EventsByCursor secret;
    V2 "POST" "/payments/{paymentId}/cancel" V2Cancel secret;
    V2 "POST" "/payments/{paymentId}/cancellations/{cancellationId}/stop" V2StopCancel secret;
    V2 "POST" "/payments/{paymentId}/resend-webhook" V2ResendWebhook secret;
    V2 "POST" "/payments/{paymentId}/virtual-account/close" V2CloseAccount secret;
    V2 "GET" "/cash-receipts" V2ListReceipts secret;
    V2 "POST" "/cash-receipts" V2IssueReceipt secret;
    V2 "GET" "/payments/{paymentId}/cash-receipt" V2Receipt secret;
    V2 "POST" "/payments/{paymentId}/cash-receipt/cancel" V2CancelReceipt secret;
    V2 "POST" "/payments/{paymentId}/pre-register" V2PreRegister secret;
    V2 "GET" "/banks" V2Banks open;
    V2 "POST" "/payment-sessions" V2CreateSession secret;
    V2 "GET" "/payment-sessions/{sessionId}" V2Session open;
    V2 "POST" "/payment-sessions/{sessionId}/close" V2CloseSession secret;
    V2 "GET" "/checkout-profiles/evaluate" V2EvaluateProfile open;
    V1 "POST" "/users/getToken" V1Token open;
    V1 "GET" "/users/pg" V1Channels secret;
    V1 "GET" "/subscribe/customers" V1Keys secret;
    V1 "GET" "/subscribe/customers/{customer_uid}" V1Key secret;
    V1 "POST" "/subscribe/customers/{customer_uid}" V1IssueKey secret;
    V1 "DELETE" "/subscribe/customers/{customer_uid}" V1DeleteKey secret;
    V1 "GET" "/subscribe/customers/{customer_uid}/payments" V1KeyPayments secret;
    V1 "GET" "/subscribe/customers/{customer_uid}/schedules" V1KeySchedules secret;
    V1 "GET" "/payments" V1Payments secret;
    V1 "GET" "/payments/prepare/{merchant_uid}" V1Prepared secret;
    V1 "POST" "/payments/prepare" V1Prepare secret;
    V1 "PUT" "/payments/prepare" V1EditPrepared secret;
    V1 "POST" "/payments/cancel" V1Cancel secret;
    V1 "GET" "/payments/find/{merchant_uid}" V1Find secret;
    V1 "GET" "/payments/find/{merchant_uid}/{payment_status}" V1FindBy secret;
    V1 "GET" "/payments/findAll/{merchant_uid}" V1FindAll secret;
    V1 "GET" "/payments/findAll/{merchant_uid}/{payment_status}" V1FindAllBy secret;
    V1 "GET" "/payments/status/{payment_status}" V1History secret;
    V1 "GET" "/payments/{imp_uid}/balance" V1Balance secret;
    V1 "GET" "/payments/{imp_uid}" V1Payment secret;
    V1 "GET" "/receipts/external/{merchant_uid}" V1ExternalReceipt secret;
    V1 "POST" "/receipts/external/{merchant_uid}" V1IssueExternalReceipt secret;
    V1 "DELETE" "/receipts/external/{merchant_uid}" V1CancelExternalReceipt secret;
    V1 "GET" "/receipts/{imp_uid}" V1Receipt secret;
    V1 "POST" "/receipts/{imp_uid}" V1IssueReceipt secret;
    V1 "DELETE" "/receipts/{imp_uid}" V1CancelReceipt secret;
    V1 "GET" "/cards" V1Cards secret;
    V1 "GET" "/cards/{card_standard_code}" V1Card secret;
    V1 "GET" "/banks" V1Banks secret;
    V1 "GET" "/banks/{bank_standard_code}" V1Bank secret;
    V1 "POST" "/subscribe/payments/onetime" V1Onetime secret;
    V1 "POST" "/subscribe/payments/again" V1Again secret;
    V1 "GET" "/subscribe/payments/schedule" V1ListSchedules secret;
    V1 "POST" "/subscribe/payments/schedule" V1Schedule secret;
    V1 "POST" "/subscribe/payments/unschedule" V1Unschedule secret;
    V1 "GET" "/subscribe/payments/schedule/customers/{customer_uid}" V1KeySchedulesToo secret;
    V1 "GET" "/subscribe/payments/schedule/{merchant_uid}" V1OneSchedule secret;
    V1 "PUT" "/subscribe/payments/schedule/{merchant_uid}" V1Move secret;
    V1 "POST" "/subscribe/payments/schedule/{merchant_uid}/reschedule" V1Reschedule secret;
    V1 "POST" "/subscribe/payments/schedule/{merchant_uid}/retry" V1Retry secret;
    V1 "POST" "/vbanks" V1IssueAccount secret;
    V1 "PUT" "/vbanks/{imp_uid}" V1EditAccount secret;
    V1 "DELETE" "/vbanks/{imp_uid}" V1CloseAccount secret;
}

/// What a path leads to.
pub enum Found {
    /// An operation and its path parameters, decoded.
    Route(&'static Route, Vec<String>),
    /// The path is known, but not with this method.
    OtherMethods(Vec<Method>),
    /// Nothing; the nearest path and its method.
    Nothing(&'static Route),
}

fn parameters(route: &Route, path: &str) -> Option<Vec<String>> {
    let mut have = path.split('/');
    let mut out = Vec::new();
    for want in route.path.split('/') {
        let segment = have.next()?;
        if want.starts_with('{') {
            out.push(percent_decode(segment, false));
        } else if want != segment {
            return None;
        }
    }
    match have.next() {
        // `/payments/find/{merchant_uid}/` with an empty status is seen in clients (V1 §11.3).
        None => Some(out),
        Some("") if have.next().is_none() => Some(out),
        Some(_) => None,
    }
}

/// Finds the operation for a method and a path without its query. `version` is what the request already says
/// about the generation it means; without it V2 wins a tie.
pub fn find(method: &str, path: &str, version: Option<Version>) -> Found {
    let fits = |route: &&Route| version.is_none_or(|version| version == route.version);
    let matches = || ROUTES.iter().filter(fits).filter_map(|route| Some((route, parameters(route, path)?)));
    // A parameter swallows words that are routes of their own: prefer the match with the fewest parameters.
    let best = |method: &str| {
        matches().filter(|(route, _)| route.method == method).min_by_key(|(_, parameters)| parameters.len())
    };
    if let Some((route, parameters)) = best(method) {
        return Found::Route(route, parameters);
    }
    let methods: Vec<Method> = matches().map(|(route, _)| route.method).collect();
    if !methods.is_empty() {
        return Found::OtherMethods(methods);
    }
    let nearest = ROUTES
        .iter()
        .filter(fits)
        .min_by_key(|route| (distance(route.path, path), u8::from(route.method != method)));
    Found::Nothing(nearest.unwrap_or(&ROUTES[0]))
}

/// How far a path is from a route, segment by segment; a parameter costs a little, so that words win.
fn distance(route: &str, path: &str) -> usize {
    let path = path.get(..path.floor_char_boundary(200)).unwrap_or(path);
    let (mut want, mut have) = (route.split('/'), path.split('/'));
    let mut sum = 0;
    loop {
        match (want.next(), have.next()) {
            (None, None) => return sum,
            (Some(want), Some(_)) if want.starts_with('{') => sum += 1,
            (Some(want), Some(have)) => sum += 3 * edits(want, have),
            (Some(text), None) | (None, Some(text)) => sum += 3 * text.len().max(1),
        }
    }
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let swap = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = swap.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(method: &str, path: &str, version: Option<Version>) -> Option<Op> {
        match find(method, path, version) {
            Found::Route(route, _) => Some(route.op),
            _ => None,
        }
    }

    #[test]
    fn shared_paths_follow_the_generation() {
        assert_eq!(op("GET", "/payments", Some(Version::V1)), Some(Op::V1Payments));
        assert_eq!(op("GET", "/payments", Some(Version::V2)), Some(Op::V2ListPayments));
        assert_eq!(op("GET", "/payments/imps_1", Some(Version::V1)), Some(Op::V1Payment));
        assert_eq!(op("POST", "/payments/cancel", None), Some(Op::V1Cancel));
        assert_eq!(op("POST", "/payments/cancel/cancel", None), Some(Op::V2Cancel));
        assert_eq!(op("GET", "/payments/find/x/", None), Some(Op::V1Find));
        assert_eq!(op("GET", "/subscribe/payments/schedule/customers/c", None), Some(Op::V1KeySchedulesToo));
    }

    #[test]
    fn parameters_are_decoded_as_one_segment() {
        let Found::Route(route, parameters) = find("GET", "/payments/a%2Fb%3Fc", Some(Version::V2)) else {
            panic!("not found");
        };
        assert_eq!((route.op, parameters), (Op::V2Payment, vec!["a/b?c".to_owned()]));
    }

    #[test]
    fn a_wrong_path_names_the_nearest_route() {
        for (path, want) in [
            ("/payment/abc/instant", "/payments/{paymentId}/instant"),
            ("/payments/abc/schedules", "/payments/{paymentId}/schedule"),
            ("/subscribe/payments/one-time", "/subscribe/payments/onetime"),
            ("/user/gettoken", "/users/getToken"),
        ] {
            let Found::Nothing(route) = find("POST", path, None) else { panic!("{path} is served") };
            assert_eq!(route.path, want, "{path}");
        }
        assert!(matches!(find("PATCH", "/billing-keys", None), Found::OtherMethods(_)));
    }
}
