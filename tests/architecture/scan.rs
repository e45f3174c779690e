//! Reads which paths a Rust source names, without compiling it.
//!
//! Knows comments, strings, `use` groups, `self`/`super`, inline modules and `#[cfg(test)]` items, which are
//! left out. Pure.

/// A path that a source names.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// Where, from 1.
    pub line: usize,
    /// Absolute inside the crate (first part `crate`), or as it stands.
    pub path: Vec<String>,
}

/// What one source says.
#[derive(Debug, Default)]
pub struct Source {
    /// Paths that it names outside of tests.
    pub named: Vec<Named>,
    /// Modules that it declares for tests only, as absolute paths without `crate`.
    pub test_modules: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Token {
    line: usize,
    text: String,
}

/// Reads `text`, the source of `module` (a path without `crate`; empty for the root).
pub fn scan(module: &[String], text: &str) -> Source {
    let tokens = tokens(&blank(text));
    let mut source = Source::default();
    // Inline modules that are open, with the depth of braces outside of them.
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        let here: Vec<String> =
            module.iter().cloned().chain(inside.iter().map(|(name, _)| name.clone())).collect();
        match word(&tokens, at) {
            "#" if is_test_attribute(&tokens, at) => {
                let end = item_end(&tokens, at);
                if let Some(name) = declared_module(&tokens[at..end]) {
                    source.test_modules.push(here.iter().cloned().chain([name]).collect());
                }
                at = end;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                depth = usize::saturating_sub(depth, 1);
                inside.retain(|(_, outside)| *outside < depth);
            }
            "mod" if word(&tokens, at + 2) == "{" => {
                inside.push((word(&tokens, at + 1).to_owned(), depth));
                depth += 1;
                at += 3;
                continue;
            }
            "use" => {
                let mut paths = Vec::new();
                at = use_tree(&tokens, at + 1, &[], &mut paths);
                for (line, path) in paths {
                    source.named.push(Named { line, path: absolute(&here, &path) });
                }
                continue;
            }
            "crate" if at > 0 && word(&tokens, at - 1) == "extern" => {
                let path = vec![word(&tokens, at + 1).to_owned()];
                source.named.push(Named { line: tokens[at].line, path });
                at += 2;
                continue;
            }
            _ if starts_path(&tokens, at) => {
                let line = tokens[at].line;
                let mut path = vec![word(&tokens, at).to_owned()];
                while word(&tokens, at + 1) == "::" && is_name(word(&tokens, at + 2)) {
                    path.push(word(&tokens, at + 2).to_owned());
                    at += 2;
                }
                if path.len() > 1 {
                    source.named.push(Named { line, path: absolute(&here, &path) });
                }
            }
            _ => {}
        }
        at += 1;
    }
    source
}

fn word(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn starts_path(tokens: &[Token], at: usize) -> bool {
    if !is_name(word(tokens, at)) {
        return false;
    }
    let before = if at == 0 { "" } else { word(tokens, at - 1) };
    let further = if at < 2 { "" } else { word(tokens, at - 2) };
    match before {
        "." => false,
        // `::tokio::x` begins a path, `a::b` and `<T>::b` go on with one.
        "::" => !is_name(further) && further != ">",
        _ => true,
    }
}

/// Collects the paths of a `use` tree; returns the place after it.
fn use_tree(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    paths: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let mut path = prefix.to_vec();
    let line = tokens.get(at).map_or(0, |token| token.line);
    loop {
        match word(tokens, at) {
            "::" => at += 1,
            "{" => {
                at += 1;
                while !matches!(word(tokens, at), "}" | "") {
                    at = use_tree(tokens, at, &path, paths);
                    if word(tokens, at) == "," {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "as" => at += 2,
            name if is_name(name) || name == "*" => {
                path.push(name.to_owned());
                at += 1;
            }
            _ => break,
        }
    }
    if path.len() > prefix.len() {
        paths.push((line, path));
    }
    // A group's comma and brace belong to the caller; a statement's semicolon does no harm.
    at.max(if word(tokens, at) == ";" { at + 1 } else { at })
}

/// The path from the root of the crate, when it is one of ours.
fn absolute(here: &[String], path: &[String]) -> Vec<String> {
    let mut base: Vec<String> = match path[0].as_str() {
        "crate" => Vec::new(),
        "self" | "super" => here.to_vec(),
        _ => return path.to_vec(),
    };
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "crate" | "self" => {}
            "super" => {
                base.pop();
            }
            _ => break,
        }
        rest = after;
    }
    ["crate".to_owned()].into_iter().chain(base).chain(rest.iter().cloned()).collect()
}

fn is_test_attribute(tokens: &[Token], at: usize) -> bool {
    let words = |from: usize, wanted: &[&str]| {
        wanted.iter().enumerate().all(|(offset, wanted)| word(tokens, from + offset) == *wanted)
    };
    words(at, &["#", "[", "cfg", "(", "test", ")"])
        || words(at, &["#", "[", "cfg", "(", "all", "(", "test", ","])
}

/// The place after the item that begins at `at` with its attributes.
fn item_end(tokens: &[Token], mut at: usize) -> usize {
    while word(tokens, at) == "#" {
        at = group_end(tokens, at + 1);
    }
    if word(tokens, at) == "pub" {
        at = if word(tokens, at + 1) == "(" { group_end(tokens, at + 1) } else { at + 1 };
    }
    let is_use = word(tokens, at) == "use";
    while at < tokens.len() {
        match word(tokens, at) {
            ";" => return at + 1,
            "{" if !is_use => return group_end(tokens, at),
            "{" | "(" | "[" => at = group_end(tokens, at),
            _ => at += 1,
        }
    }
    at
}

/// The place after the bracket that closes the one at `at`.
fn group_end(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < tokens.len() {
        match word(tokens, at) {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The name in `… mod name ;`.
fn declared_module(item: &[Token]) -> Option<String> {
    let at = item.iter().position(|token| token.text == "mod")?;
    (word(item, at + 2) == ";").then(|| word(item, at + 1).to_owned())
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let mut name = String::from(c);
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                name.push(c);
            }
            tokens.push(Token { line, text: name });
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            tokens.push(Token { line, text: "::".to_owned() });
        } else if !c.is_whitespace() {
            tokens.push(Token { line, text: c.to_string() });
        }
    }
    tokens
}

/// `text` with comments, strings and characters blanked; lines stay where they are.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// The end of the comment, string or character that begins at `at`; `at` itself when none does.
fn skip(chars: &[char], at: usize) -> usize {
    let starts = |at: usize, text: &str| text.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let find = |from: usize, text: &str| (from..chars.len()).find(|at| starts(*at, text));
    if starts(at, "//") {
        return find(at, "\n").unwrap_or(chars.len());
    }
    if starts(at, "/*") {
        let mut depth = 0_usize;
        let mut end = at;
        while end < chars.len() {
            if starts(end, "/*") {
                (depth, end) = (depth + 1, end + 2);
            } else if starts(end, "*/") {
                (depth, end) = (depth - 1, end + 2);
            } else {
                end += 1;
            }
            if depth == 0 {
                return end;
            }
        }
        return chars.len();
    }
    let in_name = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    if !in_name {
        let marks = chars[at..].iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count().min(2);
        let hashes = chars[at + marks..].iter().take_while(|c| **c == '#').count();
        let raw = chars[at..at + marks].contains(&'r');
        if raw && chars.get(at + marks + hashes) == Some(&'"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = at + marks + hashes + 1;
            return find(body, &close).map_or(chars.len(), |end| end + close.len());
        }
    }
    if chars[at] == '"' {
        let mut end = at + 1;
        while end < chars.len() && chars[end] != '"' {
            end += if chars[end] == '\\' { 2 } else { 1 };
        }
        return (end + 1).min(chars.len());
    }
    if chars[at] == '\'' {
        // A lifetime has no closing quote right after its first letter.
        if chars.get(at + 1) == Some(&'\\') {
            return find(at + 3, "'").map_or(chars.len(), |end| end + 1);
        }
        if chars.get(at + 2) == Some(&'\'') {
            return at + 3;
        }
    }
    at
}
