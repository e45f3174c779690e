//! The words for a mistake, in Korean and English: first what to do, then what was found, then what is allowed.
//!
//! Pure. The only place of this module that writes for a person, until the catalogue takes it over.

use std::fmt::Write as _;

use super::keys::{MONTHS, Takes};
use super::mistake::{Lang, Mistake, Problem, shown, shown_path};
use super::names::{NAME_MAX_CHARS, TEXT_MAX_CHARS};

/// What to do and what was found.
type Said = (String, String);

impl Mistake {
    /// For a person, with a line end: `file:line:column: key`, the line, then what to do, what was found and
    /// what is allowed.
    pub fn text(&self, lang: Lang) -> String {
        let mut out = self.head();
        out.push('\n');
        if let Some(line) = &self.line {
            let _ = writeln!(out, "    | {line}");
        }
        let (cure, found) = self.said(lang);
        let (to_do, was, may) = match lang {
            Lang::Ko => ("할 일", "찾은 것", "허용"),
            Lang::En => ("do", "found", "allowed"),
        };
        let _ = writeln!(out, "  {to_do}: {cure}");
        let _ = writeln!(out, "  {was}: {found}");
        if let Some(allowed) = self.allowed(lang) {
            let _ = writeln!(out, "  {may}: {allowed}");
        }
        out
    }

    /// Where it is: `file:line:column: key`.
    pub fn head(&self) -> String {
        let mut out = shown_path(&self.file);
        if let Some(place) = self.place {
            let _ = write!(out, ":{}:{}", place.line, place.column);
        }
        if !self.key.is_empty() {
            let _ = write!(out, ": {}", self.key);
        }
        out
    }

    /// What to do and what was found.
    pub fn said(&self, lang: Lang) -> (String, String) {
        match lang {
            Lang::Ko => self.ko(),
            Lang::En => self.en(),
        }
    }

    fn ko(&self) -> Said {
        let said = |cure: &str, found: &str| (cure.to_owned(), found.to_owned());
        match &self.problem {
            Problem::NoFile => said(
                "config.example.toml을 이 자리에 복사해 고치거나 --config FILE로 다른 파일을 지정하세요.",
                "파일이 없습니다.",
            ),
            Problem::NoHome => {
                said("--config FILE로 설정 파일을 지정하세요.", "홈 디렉터리를 알 수 없습니다.")
            }
            Problem::Unreadable(why) => {
                (format!("파일의 권한과 종류를 확인하세요({why})."), "파일을 읽을 수 없습니다.".to_owned())
            }
            Problem::NotUtf8 => said("파일을 UTF-8로 저장하세요.", "UTF-8이 아닌 글자가 있습니다."),
            Problem::Syntax(message) => {
                ("이 줄을 TOML 문법에 맞게 고치세요.".to_owned(), format!("문법 오류: {message}"))
            }
            Problem::UnknownKey { nearest, .. } => (
                nearest.as_ref().map_or_else(
                    || "이 키를 지우거나 허용된 키로 고치세요.".to_owned(),
                    |near| format!("{near}(으)로 고치거나 지우세요."),
                ),
                "모르는 키입니다.".to_owned(),
            ),
            Problem::OtherApi { api } => (
                "이 키를 지우거나 api를 고치세요.".to_owned(),
                format!("api = \"{}\" 프로필에는 쓸 수 없는 키입니다.", api.word()),
            ),
            Problem::Missing => said("이 키를 추가하세요.", "없습니다."),
            Problem::MissingForPg(pg) => {
                ("이 키를 추가하세요.".to_owned(), format!("없습니다. {pg}은(는) 결제마다 요구합니다."))
            }
            Problem::NoRoute => said("key나 pg_id를 추가하세요.", "채널을 가리키는 값이 없습니다."),
            Problem::NoEntry => said("항목을 하나 이상 추가하세요.", "비어 있습니다."),
            Problem::WrongType(found) => ("값의 종류를 고치세요.".to_owned(), ko_type(found).to_owned()),
            Problem::NotOneOf { nearest, .. } => (
                nearest.as_ref().map_or_else(
                    || "허용된 값으로 고치세요.".to_owned(),
                    |near| format!("\"{near}\"(으)로 고치세요."),
                ),
                "모르는 값입니다.".to_owned(),
            ),
            Problem::Twice => said("하나를 지우세요.", "같은 값이 두 번 있습니다."),
            Problem::EmptyList => said("값을 하나 이상 넣으세요.", "빈 목록입니다."),
            Problem::OutOfRange => said("범위 안의 값으로 고치세요.", "범위를 벗어난 값입니다."),
            Problem::NotText => said("글을 고치세요.", "비었거나 너무 길거나 제어 문자가 있습니다."),
            Problem::NotAnId { .. } => said(
                "포트원 콘솔에서 값을 다시 복사하세요.",
                "비었거나 너무 길거나 공백 또는 ASCII 밖의 글자가 있습니다.",
            ),
            Problem::NotAName => said("이름을 고치세요.", "이름에 쓸 수 없는 글자가 있거나 너무 깁니다."),
            Problem::NotAPath => said(
                "절대 경로나 설정 파일 기준의 경로로 쓰세요.",
                "~ 로 시작하거나 비었거나 제어 문자가 있습니다.",
            ),
            Problem::NotAUrl => said("주소를 고치세요.", "주소로 읽을 수 없습니다."),
            Problem::UrlUser => said("주소에서 사용자와 비밀번호를 지우세요.", "@ 가 있습니다."),
            Problem::UrlQuery => said("주소에서 ? 와 # 뒤를 지우세요.", "질의나 조각이 있습니다."),
            Problem::PlainHttp => said("https로 고치세요.", "암호화하지 않는 http로 다른 기계를 가리킵니다."),
            Problem::NotAnEnvName => {
                said("env: 뒤에 환경 변수 이름을 쓰세요.", "환경 변수 이름으로 쓸 수 없는 글자가 있습니다.")
            }
            Problem::NotACredential => said(
                "env:NAME 또는 file:PATH로 쓰세요.",
                "비었거나 $NAME 꼴이거나 앞머리의 대소문자가 다르거나 공백이 있습니다.",
            ),
            Problem::InlineNotPrivate(bits) => (
                "설정 파일에 chmod 600을 하거나 env:NAME, file:PATH로 옮기세요.".to_owned(),
                bits.map_or_else(
                    || "비밀값이 그대로 적혀 있는데 파일 권한을 확인할 수 없습니다.".to_owned(),
                    |bits| format!("비밀값이 그대로 적혀 있는데 파일 권한이 {bits:04o}입니다."),
                ),
            ),
            Problem::CaNotLocal { profile } => (
                "ca_file을 지우거나 설정 파일을 나누세요.".to_owned(),
                format!("프로필 {profile}의 base_url이 이 기계를 가리키지 않습니다."),
            ),
            Problem::NoSuchProfile { found, nearest, .. } => (
                nearest.as_ref().map_or_else(
                    || "있는 프로필을 --profile로 고르세요.".to_owned(),
                    |near| format!("--profile {near}(으)로 다시 실행하세요."),
                ),
                format!("프로필 {}이(가) 없습니다.", shown(found)),
            ),
        }
    }

    fn en(&self) -> Said {
        let said = |cure: &str, found: &str| (cure.to_owned(), found.to_owned());
        match &self.problem {
            Problem::NoFile => said(
                "copy config.example.toml here and fill it in, or name another file with --config FILE.",
                "there is no such file.",
            ),
            Problem::NoHome => {
                said("name the configuration file with --config FILE.", "no home directory is known.")
            }
            Problem::Unreadable(why) => {
                (format!("check what the file is and its mode ({why})."), "it cannot be read.".to_owned())
            }
            Problem::NotUtf8 => said("save the file as UTF-8.", "bytes that are not UTF-8."),
            Problem::Syntax(message) => ("write this line as TOML.".to_owned(), format!("{message}.")),
            Problem::UnknownKey { nearest, .. } => (
                nearest.as_ref().map_or_else(
                    || "take this key out, or use one of the allowed ones.".to_owned(),
                    |near| format!("write {near}, or take it out."),
                ),
                "a key that is not known.".to_owned(),
            ),
            Problem::OtherApi { api } => (
                "take this key out, or change api.".to_owned(),
                format!("a key that a profile with api = \"{}\" does not have.", api.word()),
            ),
            Problem::Missing => said("add this key.", "it is not there."),
            Problem::MissingForPg(pg) => {
                ("add this key.".to_owned(), format!("it is not there; {pg} asks for it with every payment."))
            }
            Problem::NoRoute => said("add key or pg_id.", "nothing that says which channel is meant."),
            Problem::NoEntry => said("add at least one.", "it is empty."),
            Problem::WrongType(found) => {
                ("write a value of the right type.".to_owned(), en_type(found).to_owned())
            }
            Problem::NotOneOf { nearest, .. } => (
                nearest.as_ref().map_or_else(
                    || "use one of the allowed values.".to_owned(),
                    |near| format!("write \"{near}\"."),
                ),
                "a value that is not known.".to_owned(),
            ),
            Problem::Twice => said("take one out.", "the same value twice."),
            Problem::EmptyList => said("put at least one value in.", "an empty list."),
            Problem::OutOfRange => said("use a value within the limits.", "a value outside of them."),
            Problem::NotText => {
                said("change the text.", "it is blank, too long, or holds control characters.")
            }
            Problem::NotAnId { .. } => said(
                "copy the value from the PortOne console again.",
                "it is empty, too long, or holds blanks or characters outside ASCII.",
            ),
            Problem::NotAName => {
                said("change the name.", "it is too long, or holds characters that names can't have.")
            }
            Problem::NotAPath => said(
                "write the whole path, or one from the configuration file's folder.",
                "it begins with ~, is empty, or holds control characters.",
            ),
            Problem::NotAUrl => said("correct the address.", "something that is no address."),
            Problem::UrlUser => said("take user and password out of the address.", "an @ in it."),
            Problem::UrlQuery => said("take ? and # and what follows out.", "a query or fragment."),
            Problem::PlainHttp => {
                said("write https.", "http, which is readable on the way, to another machine.")
            }
            Problem::NotAnEnvName => said(
                "write the name of an environment variable after env:.",
                "something that is no such name.",
            ),
            Problem::NotACredential => said(
                "write env:NAME or file:PATH.",
                "it is empty, has the form $NAME, a prefix in other letters, or blanks.",
            ),
            Problem::InlineNotPrivate(bits) => (
                "chmod 600 the configuration file, or use env:NAME or file:PATH.".to_owned(),
                bits.map_or_else(
                    || "the secret itself, in a file whose mode is not known.".to_owned(),
                    |bits| format!("the secret itself, in a file of mode {bits:04o}."),
                ),
            ),
            Problem::CaNotLocal { profile } => (
                "take ca_file out, or use two configuration files.".to_owned(),
                format!("the base_url of profile {profile} is not on this machine."),
            ),
            Problem::NoSuchProfile { found, nearest, .. } => (
                nearest.as_ref().map_or_else(
                    || "choose one of the profiles with --profile.".to_owned(),
                    |near| format!("start again with --profile {near}."),
                ),
                format!("there is no profile {}.", shown(found)),
            ),
        }
    }

    /// What is allowed, where that says more than the problem itself.
    fn allowed(&self, lang: Lang) -> Option<String> {
        match &self.problem {
            Problem::UnknownKey { allowed, .. } | Problem::NoSuchProfile { allowed, .. } => {
                Some(allowed.join(", "))
            }
            Problem::NotOneOf { allowed, .. } => Some(quoted(allowed.iter().map(String::as_str))),
            Problem::NotAName => Some(match lang {
                Lang::Ko => format!("글자(한글 포함), 숫자, -, _ 로 {NAME_MAX_CHARS}자까지"),
                Lang::En => {
                    format!("letters (Hangul too), digits, - and _, at most {NAME_MAX_CHARS} characters")
                }
            }),
            Problem::NotAnId { max: Some(max) } => Some(match lang {
                Lang::Ko => format!("공백 없는 ASCII {max}자까지"),
                Lang::En => format!("ASCII without blanks, at most {max} characters"),
            }),
            Problem::NoRoute | Problem::Syntax(_) | Problem::OtherApi { .. } => None,
            Problem::CaNotLocal { .. } => Some(match lang {
                Lang::Ko => "모든 프로필의 base_url이 127.0.0.1, [::1], localhost일 때만".to_owned(),
                Lang::En => {
                    "only while the base_url of every profile is 127.0.0.1, [::1] or localhost".to_owned()
                }
            }),
            _ => self.takes.map(|takes| takes_text(takes, lang)),
        }
    }
}

fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

fn takes_text(takes: Takes, lang: Lang) -> String {
    let (ko, en) = match takes {
        Takes::Word(words) => return quoted(words.iter().copied()),
        Takes::Words(words) => {
            let words = quoted(words.iter().copied());
            (format!("목록 [ … ]: {words}"), format!("a list [ … ] of {words}"))
        }
        Takes::Table => ("표 [ … ]".to_owned(), "a table [ … ]".to_owned()),
        Takes::Whole(min, max) => (format!("정수 {min}~{max}"), format!("a whole number, {min} to {max}")),
        Takes::Flag => ("true, false".to_owned(), "true, false".to_owned()),
        Takes::Months => {
            let (min, max) = MONTHS;
            (
                format!("false 또는 개월 수 목록, 예: [2, 3, 6] ({min}~{max})"),
                format!("false, or a list of months such as [2, 3, 6] ({min} to {max})"),
            )
        }
        Takes::Reference => {
            ("이 파일에 있는 이름".to_owned(), "the name of one that this file declares".to_owned())
        }
        Takes::Argv => (
            "프로그램과 인자의 목록, 예: [\"recorder\", \"pause\"] ([]는 없음)".to_owned(),
            "a program and its arguments as a list, such as [\"recorder\", \"pause\"] ([] for none)"
                .to_owned(),
        ),
        Takes::Path => ("경로 (\"\"는 기본값)".to_owned(), "a path (\"\" for the default)".to_owned()),
        Takes::Url => (
            "https://주소[:포트][/경로]; http는 127.0.0.1, [::1], localhost만".to_owned(),
            "https://host[:port][/path]; http only for 127.0.0.1, [::1] and localhost".to_owned(),
        ),
        Takes::Credential => (
            "\"env:NAME\", \"file:PATH\", 또는 소유자만 읽는 파일 안의 값".to_owned(),
            "\"env:NAME\", \"file:PATH\", or the value itself in a file that only its owner may read"
                .to_owned(),
        ),
        Takes::Pg => ("PG 코드".to_owned(), "the code of a PG".to_owned()),
        Takes::Id => ("공백 없는 ASCII 문자열".to_owned(), "ASCII text without blanks".to_owned()),
        Takes::Text => {
            (format!("{TEXT_MAX_CHARS}자까지의 글"), format!("text of at most {TEXT_MAX_CHARS} characters"))
        }
    };
    match lang {
        Lang::Ko => ko,
        Lang::En => en,
    }
}

fn ko_type(toml: &str) -> &'static str {
    match toml {
        "string" => "문자열입니다.",
        "integer" => "정수입니다.",
        "float" => "소수입니다.",
        "boolean" => "참/거짓입니다.",
        "array" => "목록입니다.",
        "table" => "표입니다.",
        _ => "날짜나 시각입니다.",
    }
}

fn en_type(toml: &str) -> &'static str {
    match toml {
        "string" => "a string.",
        "integer" => "a whole number.",
        "float" => "a number with a fraction.",
        "boolean" => "true or false.",
        "array" => "a list.",
        "table" => "a table.",
        _ => "a date or time.",
    }
}
