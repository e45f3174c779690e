//! What this sandbox's merchant owns: stores, channels, channel groups; and the code tables of cards and
//! banks (V1 §14, V2 §5.4, §5.6). All of it is fixed, so that tests and documents can name it.

use std::sync::LazyLock;

use super::model::Version;

/// Position of a store in [`STORES`].
pub type StoreNo = u8;
/// Position of a channel in [`CHANNELS`].
pub type ChannelNo = u8;

/// The one merchant of a sandbox.
pub const MERCHANT_ID: &str = "merchant-danmal-sandbox";
/// The V2 API secret unless `--v2-secret` names another.
pub const V2_SECRET: &str = "sandbox-v2-api-secret-for-tests-only";
/// The V1 REST API key unless `--v1-key` names another (16 digits, V1 §2).
pub const V1_KEY: &str = "5000000000000001";
/// The V1 REST API secret unless `--v1-secret` names another.
pub const V1_SECRET: &str = "sandbox-v1-rest-api-secret-for-tests-only";

/// A store; the first is the representative one.
#[derive(Debug)]
pub struct Store {
    /// V2 `storeId`.
    pub id: &'static str,
    /// V1 `Tier` header of a sub-merchant; empty for the representative store.
    pub tier: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// Representative store and one sub-store.
pub static STORES: [Store; 2] = [
    Store { id: "store-5a9d0000-0000-4000-8000-000000000001", tier: "", name: "단말상회" },
    Store { id: "store-5a9d0000-0000-4000-8000-000000000002", tier: "A01", name: "단말상회 2호점" },
];

/// One PG contract.
#[derive(Debug)]
pub struct Channel {
    /// `channelKey` / `channel_key`.
    pub key: &'static str,
    /// Which API generation it serves.
    pub version: Version,
    /// V2 `PgProvider`, or the V1 PG code.
    pub pg: &'static str,
    /// The merchant id at the PG.
    pub mid: &'static str,
    /// Its name in the console.
    pub name: &'static str,
    /// Live or test.
    pub live: bool,
    /// The store it belongs to.
    pub store: StoreNo,
}

macro_rules! channels {
    ($($no:literal $version:ident $pg:literal $mid:literal $name:literal $mode:ident $store:literal;)*) => {
        /// Every channel; a new one comes last, for state files hold positions. V1's first one per store is the default PG (V1 §5).
        pub static CHANNELS: &[Channel] = &[$(Channel {
            key: concat!("channel-key-5a9d0000-0000-4000-9000-0000000000", $no),
            version: Version::$version, pg: $pg, mid: $mid, name: $name, live: channels!(@$mode), store: $store,
        }),*];
    };
    (@live) => { true };
    (@test) => { false };
}

channels! {
    "01" V2 "KCP_V2" "T0001" "KCP 수기" test 0;
    "02" V2 "INICIS_V2" "INIpayTest" "이니시스 수기" test 0;
    "03" V2 "NICE_V2" "nictest04m" "나이스 수기" test 0;
    "04" V2 "TOSSPAYMENTS" "iamporttest_4" "토스페이먼츠 수기" test 0;
    "05" V2 "KSNET" "2999199999" "KSNET 수기" test 0;
    "06" V2 "KPN" "CTS11011" "한국결제네트웍스 수기" test 0;
    "07" V2 "WELCOME" "welcometst" "웰컴 수기" test 0;
    "08" V2 "SMARTRO_V2" "t_2112143m" "스마트로 정기" test 0;
    "09" V2 "KCP_V2" "A52Q7" "KCP 실결제" live 0;
    "10" V2 "PAYPAL_V2" "PAYPALTEST" "페이팔" test 0;
    "11" V2 "TRIPLE_A" "TRIPLEATEST" "트리플에이" test 0;
    "21" V1 "nice_v2" "MIDTEST01" "나이스 신모듈 수기" test 0;
    "22" V1 "kcp" "T0000" "KCP 수기" test 0;
    "23" V1 "html5_inicis" "INIBillTst" "이니시스 수기" test 0;
    "24" V1 "tosspayments" "iamporttest_3" "토스페이먼츠 수기" test 0;
    "25" V1 "ksnet" "2999199998" "KSNET 수기" test 0;
    "26" V1 "welcome" "welcometst1" "웰컴 수기" test 0;
    "27" V1 "daou" "CTS11012" "키움페이 수기" test 0;
    "28" V1 "nice" "nictest00m" "나이스 구모듈 수기" test 0;
    "29" V1 "settle" "portone" "헥토파이낸셜 수기" test 0;
    "30" V1 "smartro_v2" "t_2112141m" "스마트로 가상계좌" test 0;
    "31" V1 "nice_v2" "MIDLIVE01" "나이스 실결제" live 0;
    "32" V1 "payco" "PARTNERTEST" "페이코" test 0;
    "41" V2 "KCP_V2" "T0002" "2호점 KCP 수기" test 1;
    "42" V1 "nice_v2" "MIDTEST02" "2호점 나이스 수기" test 1;
    "12" V2 "GALAXIA" "glx_api" "갤럭시아" test 0;
    "33" V1 "galaxia" "glx_v1" "갤럭시아" test 0;
    "34" V1 "paymentwall" "pwtest01" "페이먼트월" test 0;
    "13" V2 "NAVERPAY" "np_test" "네이버페이" test 0;
    "35" V1 "naverpay" "np_v1" "네이버페이" test 0;
}

/// A smart-routing group.
#[derive(Debug)]
pub struct Group {
    /// `channelGroupId`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Generation of its channels.
    pub version: Version,
    /// Positions of its channels with their weights, which add up to 100.
    pub members: [(ChannelNo, u8); 2],
}

/// One group per generation.
pub static GROUPS: [Group; 2] = [
    Group {
        id: "channel-group-test-5a9d0000-0000-4000-a000-000000000001",
        name: "수기 라우팅",
        version: Version::V2,
        members: [(0, 70), (3, 30)],
    },
    Group {
        id: "channel-group-test-5a9d0000-0000-4000-a000-000000000002",
        name: "수기 라우팅 V1",
        version: Version::V1,
        members: [(11, 70), (14, 30)],
    },
];

/// The channel at `no`.
pub fn channel(no: ChannelNo) -> &'static Channel {
    CHANNELS.get(usize::from(no)).unwrap_or(&CHANNELS[0])
}

/// The store at `no`.
pub fn store(no: StoreNo) -> &'static Store {
    STORES.get(usize::from(no)).unwrap_or(&STORES[0])
}

/// The first channel that fits.
pub fn find_channel(fits: impl Fn(&Channel) -> bool) -> Option<ChannelNo> {
    CHANNELS.iter().position(fits).and_then(|at| ChannelNo::try_from(at).ok())
}

/// The store with this V2 id.
pub fn find_store(id: &str) -> Option<StoreNo> {
    STORES.iter().position(|store| store.id == id).and_then(|at| StoreNo::try_from(at).ok())
}

/// The group with this id.
pub fn find_group(id: &str, version: Version) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.id == id && group.version == version)
}

impl Channel {
    /// The word a V2 answer uses for its PG (V1 codes share the enumeration in upper case, V2 §5.6).
    pub fn provider(&self) -> String {
        self.pg.to_ascii_uppercase()
    }

    /// `TEST` or `LIVE`.
    pub fn mode(&self) -> &'static str {
        if self.live { "LIVE" } else { "TEST" }
    }

    /// The company behind the PG module, as in the `PgCompany` enumeration.
    pub fn company(&self) -> &'static str {
        match self.pg {
            "KCP_V2" | "kcp" => "KCP",
            "INICIS_V2" | "html5_inicis" => "INICIS",
            "NICE_V2" | "nice_v2" | "nice" => "NICE",
            "TOSSPAYMENTS" | "tosspayments" => "TOSSPAYMENTS",
            "KSNET" | "ksnet" => "KSNET",
            "KPN" => "KPN",
            "WELCOME" | "welcome" => "WELCOME",
            "SMARTRO_V2" | "smartro_v2" => "SMARTRO",
            "daou" => "DAOU",
            "settle" => "SETTLE",
            "payco" => "PAYCO",
            "PAYPAL_V2" => "PAYPAL",
            "NAVERPAY" | "naverpay" => "NAVERPAY",
            _ => "TRIPLE_A",
        }
    }
}

/// A card company: V1 standard code, Korean name, V2 company code.
pub struct Issuer {
    /// V1 code (a string with leading zeros).
    pub code: &'static str,
    /// Korean name.
    pub name: &'static str,
    /// V2 company code.
    pub v2: &'static str,
}

/// Every card company; the first twenty are domestic.
pub static ISSUERS: LazyLock<Vec<Issuer>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        Some(Issuer { code: cells.next()?, name: cells.next()?, v2: cells.next()? })
    };
    include_str!("../../assets/sandbox/cards.tsv").lines().filter_map(row).collect()
});

/// How many of [`ISSUERS`] are Korean.
pub const DOMESTIC_ISSUERS: u64 = 20;

fn two_columns(table: &'static str) -> Vec<(&'static str, &'static str)> {
    table.lines().filter_map(|line| line.split_once('\t')).collect()
}

/// V2 bank code and Korean name.
pub static BANKS_V2: LazyLock<Vec<(&'static str, &'static str)>> =
    LazyLock::new(|| two_columns(include_str!("../../assets/sandbox/banks-v2.tsv")));

/// V1 standard bank code (three digits) and Korean name.
pub static BANKS_V1: LazyLock<Vec<(&'static str, &'static str)>> =
    LazyLock::new(|| two_columns(include_str!("../../assets/sandbox/banks-v1.tsv")));

/// The name of a V1 bank, whichever PG's spelling the code has (`BK04`, `04`, `004`: V1 §14).
pub fn v1_bank(code: &str) -> Option<(&'static str, &'static str)> {
    let digits = code.trim_start_matches("BK");
    let padded = format!("{digits:0>3}");
    BANKS_V1.iter().find(|(known, _)| *known == padded).copied()
}

/// How many decimal digits a currency has (V2 §1.4, ISO 4217).
pub fn scale(currency: &str) -> u32 {
    match currency {
        "KRW" | "JPY" | "VND" | "CLP" | "ISK" | "PYG" | "UGX" | "XAF" | "XOF" | "XPF" | "KMF" | "RWF"
        | "BIF" | "DJF" | "GNF" | "VUV" | "UYI" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" | "LYD" | "IQD" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_point_at_channels_of_their_generation_and_weigh_a_hundred() {
        for group in &GROUPS {
            assert_eq!(group.members.iter().map(|(_, weight)| u32::from(*weight)).sum::<u32>(), 100);
            for (no, _) in group.members {
                assert_eq!(channel(no).version, group.version);
                assert!(!channel(no).live);
            }
        }
    }

    #[test]
    fn tables_are_whole() {
        assert_eq!(ISSUERS.len(), 26);
        assert!(ISSUERS.iter().take(20).all(|issuer| issuer.code.len() == 3));
        assert_eq!(v1_bank("BK04"), v1_bank("004"));
        assert_eq!(v1_bank("04").map(|bank| bank.0), Some("004"));
        assert!(
            BANKS_V2
                .iter()
                .all(|(code, name)| super::super::input::in_enum("Bank", code) && !name.is_empty())
        );
        for channel in CHANNELS {
            assert!(super::super::input::in_enum("PgProvider", &channel.provider()), "{}", channel.pg);
            assert!(super::super::input::in_enum("PgCompany", channel.company()), "{}", channel.company());
        }
    }
}
