#include "mail/imap_structure.h"

#include "base/buf.h"
#include "mail/imap_item.h"

struct structure {
	const struct imap_tokens *tokens;
	const struct mime_limits *limits;
	struct arena *arena;
	size_t part_count;
	bool is_broken;
	bool is_incomplete;
};

/* Index of the n-th token in the list, or UINT32_MAX, which reads as NIL. */
static uint32_t
structure_child(const struct imap_tokens *tokens, uint32_t list, unsigned n)
{
	uint32_t end = imap_token_next(tokens, list);
	uint32_t at = list + 1;

	if (!imap_token_is_list(tokens, list))
		return UINT32_MAX;
	for (; n > 0 && at < end; n--)
		at = imap_token_next(tokens, at);
	return at < end ? at : UINT32_MAX;
}

/* ---- parameters: "(" name SP value *(SP name SP value) ")" ---- */
static struct str
structure_param(
    const struct imap_tokens *tokens, uint32_t list, struct str name)
{
	uint32_t end = imap_token_next(tokens, list);

	if (!imap_token_is_list(tokens, list))
		return (struct str){0};
	for (uint32_t at = list + 1; at + 1 < end; at += 2) {
		if (imap_token_is_list(tokens, at) ||
		    imap_token_is_list(tokens, at + 1))
			return (struct str){0};
		if (str_eq_nocase(imap_token_str(tokens, at), name))
			return imap_token_str(tokens, at + 1);
	}
	return (struct str){0};
}

/* All of them; servers pass the pieces of RFC 2231 on as they are. */
static struct mime_param *
structure_params(struct structure *in, uint32_t list, size_t *out_count)
{
	uint32_t end = imap_token_next(in->tokens, list);
	struct mime_param *params;

	*out_count = 0;
	if (!imap_token_is_list(in->tokens, list))
		return NULL;
	params = ARENA_ARRAY(in->arena, (end - list) / 2, struct mime_param);
	for (uint32_t at = list + 1; params != NULL && at + 1 < end; at += 2) {
		if (imap_token_is_list(in->tokens, at) ||
		    imap_token_is_list(in->tokens, at + 1))
			break;
		params[*out_count].name =
		    str_dup(in->arena, imap_token_str(in->tokens, at));
		params[*out_count].value =
		    str_dup(in->arena, imap_token_str(in->tokens, at + 1));
		(*out_count)++;
	}
	return params;
}

/* ---- one part ---- */
/* "(" "attachment" SP params ")" */
static void
structure_disposition(struct structure *in, uint32_t at, struct mime_part *part)
{
	struct mime_param *params;
	size_t count;
	struct str word;
	struct text name;

	if (!imap_token_is_list(in->tokens, at))
		return;
	word = imap_token_str(in->tokens, at + 1);
	if (str_eq_nocase(word, STR("inline")))
		part->disposition = MIME_INLINE;
	else if (word.len > 0)
		part->disposition = MIME_ATTACHMENT;
	params =
	    structure_params(in, structure_child(in->tokens, at, 1), &count);
	name = mime_param_file_name(in->arena, params, count, NULL, 0);
	if (name.s.len > 0)
		part->name = name;
}

static struct text
structure_content_id(struct structure *in, struct str raw)
{
	struct str id = str_trim(raw);

	if (str_starts(id, STR("<")) && str_ends(id, STR(">")))
		id = str_slice(id, 1, id.len - 1);
	return text_line(in->arena, str_dup(in->arena, id));
}

static struct str
structure_section(struct structure *in, struct str parent, size_t number)
{
	if (parent.len == 0)
		return str_printf(in->arena, "%zu", number);
	return str_printf(in->arena, "%.*s.%zu", STR_ARG(parent), number);
}

static void structure_part(struct structure *in, uint32_t at,
    struct str section, unsigned depth, struct mime_part *part);

/* May `count` parts, the first at token `at`, be within one of this depth? */
static bool
structure_has_room(
    struct structure *in, uint32_t at, size_t count, unsigned depth)
{
	if (!imap_token_is_list(in->tokens, at))
		return false;
	if (depth < in->limits->depth &&
	    count <= in->limits->parts - in->part_count)
		return true;
	in->is_incomplete = true;
	return false;
}

/*
 * body-type-msg: type, subtype, params, id, description, encoding, octets,
 * envelope, body, lines. A multipart inside has the number of the message.
 */
static void
structure_message(
    struct structure *in, uint32_t at, unsigned depth, struct mime_part *part)
{
	uint32_t body = structure_child(in->tokens, at, 8);
	bool is_multipart = imap_token_is_list(in->tokens, body) &&
	                    imap_token_is_list(in->tokens, body + 1);
	struct mime_header *message;

	message = ARENA_NEW(in->arena, struct mime_header);
	if (message != NULL)
		imap_item_header(in->tokens, structure_child(in->tokens, at, 7),
		    in->arena, message);
	part->message = message;
	if (!structure_has_room(in, body, 1, depth))
		return;
	part->parts = ARENA_NEW(in->arena, struct mime_part);
	if (part->parts == NULL) {
		in->is_broken = true;
		return;
	}
	part->part_count = 1;
	in->part_count++;
	structure_part(in, body,
	    is_multipart ? part->section
	                 : structure_section(in, part->section, 1),
	    depth + 1, part->parts);
}

/*
 * body-type-1part: type, subtype, params, id, description, encoding, octets;
 * lines for text; then md5, disposition, language, location.
 */
static void
structure_single(
    struct structure *in, uint32_t at, unsigned depth, struct mime_part *part)
{
	const struct imap_tokens *tokens = in->tokens;
	uint32_t params = structure_child(tokens, at, 2);
	unsigned extension = 7;

	part->type = str_lower(in->arena, imap_token_str(tokens, at + 1));
	part->subtype = str_lower(
	    in->arena, imap_token_str(tokens, structure_child(tokens, at, 1)));
	part->charset.s = text_line(
	    in->arena, str_lower(in->arena,
	                   structure_param(tokens, params, STR("charset"))))
	                      .s;
	part->is_flowed = str_eq_nocase(
	    structure_param(tokens, params, STR("format")), STR("flowed"));
	part->is_delsp = str_eq_nocase(
	    structure_param(tokens, params, STR("delsp")), STR("yes"));
	part->params = structure_params(in, params, &part->param_count);
	part->name = mime_param_file_name(
	    in->arena, NULL, 0, part->params, part->param_count);
	part->content_id = structure_content_id(
	    in, imap_token_str(tokens, structure_child(tokens, at, 3)));
	part->description = text_line(in->arena,
	    mime_decode_text(in->arena,
	        str_dup(in->arena,
	            imap_token_str(tokens, structure_child(tokens, at, 4))))
	        .s);
	part->encoding = mime_encoding_of(
	    imap_token_str(tokens, structure_child(tokens, at, 5)));
	part->bytes = imap_token_u64(tokens, structure_child(tokens, at, 6));
	if (str_eq(part->type, STR("text"))) {
		extension = 8;
	} else if (str_eq(part->type, STR("message")) &&
	           imap_token_is_list(tokens, structure_child(tokens, at, 7))) {
		extension = 10;
		structure_message(in, at, depth, part);
	}
	structure_disposition(
	    in, structure_child(tokens, at, extension + 1), part);
}

/* body-type-mpart: 1*body, subtype, then params, disposition, … */
static void
structure_multipart(
    struct structure *in, uint32_t at, unsigned depth, struct mime_part *part)
{
	const struct imap_tokens *tokens = in->tokens;
	uint32_t end = imap_token_next(tokens, at);
	uint32_t child = at + 1;
	size_t count = 0;
	size_t room;

	while (child < end && imap_token_is_list(tokens, child)) {
		child = imap_token_next(tokens, child);
		count++;
	}
	part->type = STR("multipart");
	part->subtype = str_lower(in->arena,
	    child < end ? imap_token_str(tokens, child) : STR("mixed"));
	if (child < end) {
		uint32_t params = imap_token_next(tokens, child);

		part->params = structure_params(in, params, &part->param_count);
		structure_disposition(
		    in, imap_token_next(tokens, params), part);
	}
	room = in->limits->parts - in->part_count;
	if (count > room) {
		in->is_incomplete = true;
		count = room;
	}
	if (!structure_has_room(in, at + 1, count, depth))
		return;
	part->parts = ARENA_ARRAY(in->arena, count, struct mime_part);
	if (part->parts == NULL) {
		in->is_broken = true;
		return;
	}
	part->part_count = count;
	in->part_count += count;
	child = at + 1;
	for (size_t i = 0; i < count; i++) {
		structure_part(in, child,
		    structure_section(in, part->section, i + 1), depth + 1,
		    &part->parts[i]);
		child = imap_token_next(tokens, child);
	}
}

/* Recurses at most limits->depth deep. */
static void
structure_part(struct structure *in, uint32_t at, struct str section,
    unsigned depth, struct mime_part *part)
{
	bool is_list = imap_token_is_list(in->tokens, at) &&
	               imap_token_next(in->tokens, at) > at + 1;

	*part = (struct mime_part){.section = section};
	if (!is_list) {
		in->is_broken = true;
		return;
	}
	if (imap_token_is_list(in->tokens, at + 1))
		structure_multipart(in, at, depth, part);
	else
		structure_single(in, at, depth, part);
}

struct mime_part *
imap_structure_parse(const struct imap_tokens *tokens, uint32_t at,
    const struct mime_limits *limits, struct arena *arena,
    bool *out_is_incomplete)
{
	struct structure in = {.tokens = tokens,
	    .limits = limits,
	    .arena = arena,
	    .part_count = 1};
	struct mime_part *root = ARENA_NEW(arena, struct mime_part);
	bool is_multipart = imap_token_is_list(tokens, at + 1);

	if (root == NULL || tokens->is_cut)
		return NULL;
	structure_part(
	    &in, at, is_multipart ? (struct str){0} : STR("1"), 0, root);
	*out_is_incomplete = in.is_incomplete;
	if (in.is_broken || (root->type.len == 0))
		return NULL;
	return root;
}

bool
imap_structure_is_hollow(const struct mime_part *root)
{
	return str_eq(root->type, STR("multipart")) &&
	       (root->part_count == 0 ||
	           (root->part_count == 1 && root->parts[0].bytes == 0 &&
	               str_eq(root->parts[0].type, STR("text"))));
}

/* ---- the mark in lists ---- */
static bool
structure_is_leaf(const struct imap_tokens *tokens, uint32_t at)
{
	return imap_token_is_list(tokens, at) &&
	       imap_token_str(tokens, at + 1).len > 0 &&
	       structure_child(tokens, at, 6) != UINT32_MAX;
}

static bool
structure_leaf_is_file(const struct imap_tokens *tokens, uint32_t at)
{
	struct str type = imap_token_str(tokens, at + 1);
	struct str subtype = imap_token_str(tokens, at + 2);

	if (str_eq_nocase(type, STR("application")))
		return !str_eq_nocase(subtype, STR("pgp-signature")) &&
		       !str_eq_nocase(subtype, STR("pkcs7-signature")) &&
		       !str_eq_nocase(subtype, STR("x-pkcs7-signature"));
	if (str_eq_nocase(type, STR("image")))
		return imap_token_str(tokens, structure_child(tokens, at, 3))
		           .len == 0;
	return str_eq_nocase(type, STR("audio")) ||
	       str_eq_nocase(type, STR("video")) ||
	       (str_eq_nocase(type, STR("message")) &&
	           str_eq_nocase(subtype, STR("rfc822")));
}

bool
imap_structure_has_attachment(const struct imap_tokens *tokens, uint32_t at)
{
	uint32_t end = imap_token_next(tokens, at);

	for (; at < end; at++) {
		if (!imap_token_is_list(tokens, at))
			continue;
		if (at + 2 < imap_token_next(tokens, at) &&
		    tokens->list[at + 1].kind == IMAP_STRING &&
		    str_eq_nocase(tokens->list[at + 1].s, STR("attachment")) &&
		    (imap_token_is_list(tokens, at + 2) ||
		        imap_token_is(tokens, at + 2, STR("NIL"))))
			return true;
		if (structure_is_leaf(tokens, at) &&
		    structure_leaf_is_file(tokens, at))
			return true;
	}
	return false;
}
