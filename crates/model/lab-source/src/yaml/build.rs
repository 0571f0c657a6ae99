//! One pass over a text: parser events to nodes. Stops at the first fault with whatever is complete by then.
//!
//! The parser gives a block collection an empty span at its first key, so extents are worked out from the children.

use super::fault::{Fault, FaultKind};
use super::limits::{Budget, Limits};
use super::map::{self, Key, RawEntry};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::files::FileId;
use crate::span::{Span, Spanned};
use crate::suggest;
use crate::tree::{Node, Scalar, ScalarStyle, Seq};
use granit_parser::{Event, Parser, StructureStyle, Tag};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The state of one pass and what it found.
pub(super) struct Pass<'a> {
    file: FileId,
    /// As it was written; spans are of this.
    original: &'a str,
    /// As it is read, with what could not be read blanked.
    text: &'a str,
    limits: &'a Limits,
    /// What is left after this pass.
    pub(super) budget: Budget,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Built>,
    /// Names of the anchors of this document, for suggestions.
    names: Vec<(usize, String)>,
    nodes: usize,
    /// The last node that was read to its end.
    last: Range<usize>,
    /// Where the tag of the node stands that is being read, if it has one.
    tag_place: Option<Range<usize>>,
    /// The finished documents.
    pub(super) documents: Vec<Node>,
    /// Findings that did not stop the pass.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// True when something that was written is missing from the documents.
    pub(super) dropped: bool,
}

/// A collection that is still open.
struct Frame {
    is_map: bool,
    style: StructureStyle,
    anchor: usize,
    /// Of the brackets, or of the first child.
    start: Option<u32>,
    end: u32,
    items: Vec<Node>,
    entries: Vec<RawEntry>,
    key: Option<Key>,
    /// Where the entry that is being read begins.
    entry_start: Option<u32>,
    weight: Weight,
}

/// What a node amounts to once every alias in it is replaced.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    height: usize,
    aliases: usize,
}

/// A finished node.
#[derive(Clone)]
struct Built {
    node: Node,
    /// The place it takes up where it is used: for an alias, the alias.
    extent: Span,
    weight: Weight,
}

impl<'a> Pass<'a> {
    /// Reads `text`, which is `original` with parts of it blanked, to its end or to the first fault.
    pub(super) fn run(
        file: FileId,
        original: &'a str,
        text: &'a str,
        limits: &'a Limits,
        budget: Budget,
    ) -> (Self, Option<Fault>) {
        let mut pass = Self {
            file,
            original,
            text,
            limits,
            budget,
            stack: Vec::new(),
            anchors: HashMap::new(),
            names: Vec::new(),
            nodes: 0,
            last: 0..0,
            tag_place: None,
            documents: Vec::new(),
            diagnostics: Vec::new(),
            dropped: false,
        };
        let fault = pass.read().err();
        if fault.is_some() {
            pass.close_all();
        }
        (pass, fault)
    }

    fn read(&mut self) -> Result<(), Fault> {
        let options = granit_parser::options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            flow_nesting_limit: self.limits.depth,
            block_nesting_limit: self.limits.depth,
        };
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        while let Some(step) = parser.next_event() {
            let (event, place) = match step {
                Ok(step) => step,
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(self.last.end);
                    return Err(self.fault(FaultKind::Scan(error.kind().clone()), at));
                }
            };
            self.tag_place = place.tag_span().and_then(|tag| tag.byte_range());
            let place = place.byte_range().unwrap_or(self.last.end..self.last.end);
            self.event(event, place)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, place: Range<usize>) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(..) => {
                self.anchors.clear();
                self.names.clear();
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), place)?
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.open(false, style, anchor, tag.as_deref(), place)?
            }
            Event::MappingStart(style, anchor, tag) => {
                self.open(true, style, anchor, tag.as_deref(), place)?
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
            Event::Alias(id) => self.alias(id, place)?,
            Event::UnresolvedAlias(name) => self.unknown_alias(&name, place)?,
            Event::Anchor(id, name) => self.names.push((id, name.into_owned())),
            _ => {}
        }
        Ok(())
    }

    /// Counts a node that is written, as opposed to one that an alias brings.
    fn count(&mut self, at: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > self.limits.file_nodes || !self.budget.take(1) {
            let most = self.limits.file_nodes.min(self.limits.total_nodes);
            return Err(self.fault(FaultKind::TooManyNodes(most), at));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: granit_parser::ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        place: Range<usize>,
    ) -> Result<(), Fault> {
        use granit_parser::ScalarStyle as Written;
        self.count(place.start)?;
        let empty = style == Written::Plain && place.is_empty();
        let style = match style {
            Written::Plain => ScalarStyle::Plain,
            Written::SingleQuoted | Written::DoubleQuoted => ScalarStyle::Quoted,
            Written::Literal | Written::Folded => ScalarStyle::Block,
        };
        let text = if empty { "" } else { text };
        let place = if empty { self.empty_place(place.start) } else { self.trimmed(style, place) };
        let style = if self.is_text_tag(tag, &place) && style == ScalarStyle::Plain {
            ScalarStyle::Quoted
        } else {
            style
        };
        let span = self.span(place);
        let secret = crate::secret::is_encrypted(text);
        let node = Node::Scalar(Scalar { text: Arc::from(text), style, span, secret });
        self.accept(Built { node, extent: span, weight: Weight { nodes: 1, height: 0, aliases: 0 } }, anchor);
        Ok(())
    }

    /// The parser puts a value that is not written before the colon; it belongs after it.
    fn empty_place(&self, at: usize) -> Range<usize> {
        let rest = &self.text.as_bytes()[at.min(self.text.len())..];
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        let waits_for_value = self.stack.last().is_some_and(|frame| frame.is_map && frame.key.is_some());
        let at = if waits_for_value && rest.get(blanks) == Some(&b':') { at + blanks + 1 } else { at };
        at..at
    }

    /// The span of a block scalar runs on over the empty lines after it.
    fn trimmed(&self, style: ScalarStyle, place: Range<usize>) -> Range<usize> {
        if style != ScalarStyle::Block {
            return place;
        }
        let shown = self.text.get(place.clone()).unwrap_or("").trim_end();
        place.start..place.start + shown.len()
    }

    /// True for a tag that makes a scalar text whatever it looks like. Tells of tags that mean nothing here.
    fn is_text_tag(&mut self, tag: Option<&Tag>, place: &Range<usize>) -> bool {
        let Some(tag) = tag else { return false };
        match tag.core_suffix() {
            Some("str") => true,
            Some("int" | "float" | "bool" | "null" | "map" | "seq") => false,
            _ if tag.original() == "!" => true,
            _ => {
                let span = self.span(self.tag_place.clone().unwrap_or(place.clone()));
                let message = format!("the tag `{}` has no meaning here", tag.original());
                self.find(Diagnostic::warning(codes::YAML_TAG, message).at(span, "read as if it had no tag"));
                false
            }
        }
    }

    fn open(
        &mut self,
        is_map: bool,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        place: Range<usize>,
    ) -> Result<(), Fault> {
        self.count(place.start)?;
        self.is_text_tag(tag, &place);
        if self.stack.len() >= self.limits.depth {
            return Err(self.fault(FaultKind::TooDeep(self.limits.depth), place.start));
        }
        let span = self.span(place);
        let flow = style == StructureStyle::Flow;
        if let Some(parent) = self.stack.last_mut() {
            parent.begin_entry(span.start);
        }
        self.stack.push(Frame {
            is_map,
            style,
            anchor,
            start: flow.then_some(span.start),
            end: span.end,
            items: Vec::new(),
            entries: Vec::new(),
            key: None,
            entry_start: None,
            weight: Weight { nodes: 1, height: 1, aliases: 0 },
        });
        if anchor != 0 {
            self.anchors.remove(&anchor);
        }
        Ok(())
    }

    fn close(&mut self, place: Range<usize>) {
        let Some(mut frame) = self.stack.pop() else { return };
        if frame.style == StructureStyle::Flow {
            frame.end = frame.end.max(self.span(place).end);
        }
        let anchor = frame.anchor;
        let built = self.finish(frame);
        self.accept(built, anchor);
    }

    /// Closes what a fault left open, so that what came before it is kept.
    fn close_all(&mut self) {
        while !self.stack.is_empty() {
            let end = self.stack.last().map_or(0, |frame| frame.end as usize);
            self.close(end..end);
        }
    }

    fn finish(&mut self, frame: Frame) -> Built {
        let start = frame.start.unwrap_or(frame.end).min(frame.end);
        let span = Span::new(self.file, start, frame.end);
        let node = if frame.is_map {
            let mut found = Vec::new();
            let (map, dropped) = map::finish(frame.entries, span, self.limits, &mut found);
            self.dropped |= dropped;
            found.into_iter().for_each(|diagnostic| self.find(diagnostic));
            Node::Map(map)
        } else {
            Node::Seq(Seq { items: frame.items.into(), span })
        };
        Built { node, extent: span, weight: frame.weight }
    }

    fn alias(&mut self, id: usize, place: Range<usize>) -> Result<(), Fault> {
        self.count(place.start)?;
        let span = self.span(place);
        let problem = match self.anchors.get(&id) {
            Some(built) => {
                let mut built = built.clone();
                built.extent = span;
                built.weight.aliases += 1;
                match self.refuse_alias(built.weight) {
                    None => {
                        self.accept(built, 0);
                        return Ok(());
                    }
                    Some(message) => Diagnostic::error(codes::YAML_LIMIT, message).at(span, "not followed"),
                }
            }
            None => {
                let open = self.stack.iter().find(|frame| frame.anchor == id).and_then(|frame| frame.start);
                let error =
                    Diagnostic::error(codes::YAML_ALIAS_CYCLE, "an alias stands inside the value it names")
                        .at(span, "names what it is part of");
                match open {
                    Some(start) => error.and(Span::new(self.file, start, start), "which begins here"),
                    None => error,
                }
            }
        };
        self.find(problem);
        self.missing(span);
        Ok(())
    }

    /// Says why an alias to something of this weight is not followed; takes it from the budget if it is.
    fn refuse_alias(&mut self, weight: Weight) -> Option<String> {
        if weight.aliases > self.limits.alias_depth {
            return Some(format!("aliases are nested more than {} deep", self.limits.alias_depth));
        }
        if self.stack.len() + weight.height > self.limits.depth {
            return Some(format!("with this alias, values are nested more than {} deep", self.limits.depth));
        }
        if !self.budget.take(weight.nodes) {
            let most = self.limits.total_nodes;
            return Some(format!("with this alias, the lab has more than {most} values"));
        }
        None
    }

    fn unknown_alias(&mut self, name: &str, place: Range<usize>) -> Result<(), Fault> {
        self.count(place.start)?;
        let span = self.span(place);
        if self.is_anchor_lost(name) {
            self.missing(span);
            return Ok(());
        }
        let error = Diagnostic::error(
            codes::YAML_UNKNOWN_ALIAS,
            format!("no anchor is named `{name}` above this alias"),
        )
        .at(span, "an alias, since it begins with `*`");
        let error = match suggest::nearest(name, self.names.iter().map(|(_, known)| known.as_str())) {
            Some(near) => error.help(format!("did you mean `*{near}`?")).fix(span, format!("*{near}")),
            None => error.help(format!("a text that begins with `*` needs quotes: \"*{name}\"")),
        };
        self.find(error);
        self.missing(span);
        Ok(())
    }

    /// True when the anchor stands in a part that could not be read, which has been told.
    fn is_anchor_lost(&self, name: &str) -> bool {
        if std::ptr::eq(self.original, self.text) {
            return false;
        }
        let anchor = format!("&{name}");
        self.original.match_indices(&anchor).take(64).any(|(at, _)| self.text.as_bytes()[at] == b' ')
    }

    /// Puts an empty value where a node could not be had.
    fn missing(&mut self, span: Span) {
        self.dropped = true;
        let node =
            Node::Scalar(Scalar { text: Arc::from(""), style: ScalarStyle::Plain, span, secret: false });
        self.accept(Built { node, extent: span, weight: Weight { nodes: 1, height: 0, aliases: 0 } }, 0);
    }

    /// Gives a finished node to the collection around it, or to the documents.
    fn accept(&mut self, built: Built, anchor: usize) {
        self.last = built.extent.start as usize..built.extent.end as usize;
        if anchor != 0 {
            self.anchors.insert(anchor, built.clone());
        }
        let Some(frame) = self.stack.last_mut() else {
            self.documents.push(built.node);
            return;
        };
        frame.grow(&built);
        if !frame.is_map {
            frame.entry_start = Some(built.extent.start);
            frame.items.push(built.node);
        } else if let Some(key) = frame.key.take() {
            frame.entries.push(RawEntry { key, value: built.node });
        } else {
            frame.entry_start = Some(built.extent.start);
            let (key, finding) = map::key(&built.node, built.extent);
            frame.key = Some(key);
            if let Some(finding) = finding {
                self.dropped = true;
                self.find(finding);
            }
        }
    }

    /// Keeps a finding. Beyond what is shown they are only counted, so that a hostile file costs no memory.
    fn find(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < self.limits.findings.saturating_mul(8) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn span(&self, place: Range<usize>) -> Span {
        let mut start = place.start.min(self.text.len());
        let mut end = place.end.clamp(start, self.text.len());
        while !self.original.is_char_boundary(start) {
            start -= 1;
        }
        while !self.original.is_char_boundary(end) {
            end += 1;
        }
        super::span(self.file, start, end)
    }

    fn fault(&self, kind: FaultKind, at: usize) -> Fault {
        let at = self.span(at..at).start as usize;
        let block = self.stack.iter().rev().find(|frame| frame.style == StructureStyle::Block);
        // A pair without braces, as in `[a: b]`, is a flow mapping too and has no bracket.
        let flow = self.stack.iter().rev().take_while(|frame| frame.style == StructureStyle::Flow);
        let bracket = |start: &usize| matches!(self.text.as_bytes().get(*start), Some(b'[' | b'{'));
        let bracket = flow.filter_map(|frame| frame.start).map(|start| start as usize).find(bracket);
        Fault {
            kind,
            at,
            entry: block.and_then(|frame| frame.entry_start).map(|start| start as usize),
            bracket,
            last: self.last.clone(),
        }
    }
}

impl Frame {
    /// Notes where an entry begins whose first node is a collection.
    fn begin_entry(&mut self, start: u32) {
        if !self.is_map || self.key.is_none() {
            self.entry_start = Some(start);
        }
    }

    fn grow(&mut self, built: &Built) {
        self.start = Some(self.start.map_or(built.extent.start, |start| start.min(built.extent.start)));
        self.end = self.end.max(built.extent.end);
        self.weight.nodes = self.weight.nodes.saturating_add(built.weight.nodes);
        self.weight.height = self.weight.height.max(built.weight.height + 1);
        self.weight.aliases = self.weight.aliases.max(built.weight.aliases);
    }
}

/// The text of a scalar and where it stands, for use as a key.
pub(super) fn key_text(node: &Node) -> Option<Spanned<Arc<str>>> {
    node.as_scalar().map(|scalar| Spanned::new(Arc::clone(&scalar.text), scalar.span))
}
