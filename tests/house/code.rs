//! Reads every file of `src/`: paths named, string literals, attributes and method calls
//! outside of test code.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::tree;

/// What the shipped part of one file says.
#[derive(Default)]
pub struct Code {
    /// `src/graph/link.rs`
    pub path: String,
    /// The folder below `src`, or the file's own name: `graph`, `pipeline`.
    pub part: String,
    /// Paths with the line they stand on, made absolute: `["crate", "facts", "answer"]`.
    pub paths: Vec<(usize, Vec<String>)>,
    /// Values of string literals; doc comments are none.
    pub strings: Vec<(usize, String)>,
    /// Lines of `#[allow(…)]`, in test code too.
    pub allows: Vec<usize>,
    /// Lines of `.unwrap()` and `.expect("…")`.
    pub unwraps: Vec<usize>,
}

/// All files of `src/`, sorted by path.
pub fn files() -> &'static [Code] {
    static FILES: OnceLock<Vec<Code>> = OnceLock::new();
    FILES.get_or_init(read_all)
}

fn read_all() -> Vec<Code> {
    let paths: Vec<_> = tree::below("src").into_iter().filter(|path| path.ends_with(".rs")).collect();
    let mut tests = BTreeSet::new();
    let mut parsed = Vec::new();
    for path in paths {
        let file = syn::parse_file(&tree::text(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let module = module_of(&path);
        for item in &file.items {
            if let syn::Item::Mod(item) = item
                && item.content.is_none()
                && is_test(&item.attrs)
            {
                tests.insert([module.as_slice(), &[item.ident.to_string()]].concat());
            }
        }
        parsed.push((path, module, file));
    }
    parsed
        .into_iter()
        .map(|(path, module, file)| {
            let is_test = (0..=module.len()).any(|end| tests.contains(&module[..end]));
            let part = module.get(1).cloned().unwrap_or_else(|| module[0].clone());
            let mut reader = Reader { code: Code { path, part, ..Code::default() }, module, in_test: is_test };
            reader.visit_file(&file);
            reader.code
        })
        .collect()
}

/// `src/graph/model.rs` is `crate::graph::model`, `src/graph/mod.rs` is `crate::graph`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module = vec!["crate".to_owned()];
    module.extend(inner.split('/').filter(|part| *part != "mod" && *part != "lib").map(str::to_owned));
    module
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || matches!(&attribute.meta, syn::Meta::List(list)
                if list.path.is_ident("cfg") && list.tokens.to_string() == "test")
    })
}

struct Reader {
    code: Code,
    module: Vec<String>,
    in_test: bool,
}

impl Reader {
    fn path(&mut self, at: Span, segments: &[String]) {
        if self.in_test {
            return;
        }
        let mut absolute = Vec::new();
        for (index, segment) in segments.iter().enumerate() {
            match segment.as_str() {
                "self" if index == 0 => absolute.clone_from(&self.module),
                "super" => {
                    if index == 0 {
                        absolute.clone_from(&self.module);
                    }
                    absolute.pop();
                }
                _ => absolute.push(segment.clone()),
            }
        }
        self.code.paths.push((at.start().line, absolute));
    }

    fn use_tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.use_tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(tree, before)),
            syn::UseTree::Name(syn::UseName { ident, .. }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.to_string());
                self.path(ident.span(), before);
                before.pop();
            }
            syn::UseTree::Glob(glob) => self.path(glob.star_token.spans[0], before),
        }
    }

    /// Macros' arguments are no syntax yet: paths and literals are picked out of the tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut segments: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        segments.clear();
                    }
                    segments.push(ident.to_string());
                    if segments.len() > 1 {
                        let segments = segments.clone();
                        self.path(ident.span(), &segments);
                    }
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Literal(literal) => {
                    let at = literal.span();
                    if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                        self.string(at, text.value());
                    }
                    colons = 0;
                }
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    colons = 0;
                }
                TokenTree::Punct(_) => colons = 0,
            }
        }
    }

    fn string(&mut self, at: Span, value: String) {
        if !self.in_test {
            self.code.strings.push((at.start().line, value));
        }
    }

    fn within(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= is_test(attributes);
        visit(self);
        self.in_test = before;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("allow") {
            self.code.allows.push(attribute.pound_token.spans[0].start().line);
        }
        // The value of a doc comment is no string of the program.
        if !attribute.path().is_ident("doc") {
            visit::visit_attribute(self, attribute);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.within(&item.attrs, |reader| {
            reader.module.push(item.ident.to_string());
            visit::visit_item_mod(reader, item);
            reader.module.pop();
        });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.within(&item.attrs, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.within(&item.attrs, |reader| visit::visit_item_impl(reader, item));
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.within(&item.attrs, |reader| visit::visit_item_const(reader, item));
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.within(&item.attrs, |reader| visit::visit_item_struct(reader, item));
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.within(&item.attrs, |reader| reader.use_tree(&item.tree, &mut Vec::new()));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let [first, .., _] = path.segments.iter().collect::<Vec<_>>().as_slice() {
            let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.path(first.ident.span(), &segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.tokens(item.tokens.clone());
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.string(text.span(), text.value());
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let with_text = matches!(call.args.first(), Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(_), .. })));
        // A parser's own `expect(token)` takes no text.
        let gives_up = (call.method == "unwrap" && call.args.is_empty()) || (call.method == "expect" && with_text);
        if gives_up && !self.in_test {
            self.code.unwraps.push(call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }
}
