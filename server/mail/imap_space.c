#include "mail/imap_space.h"

/* Namespace = nil / "(" 1*( "(" string SP (quoted-char / nil) … ")" ) ")" */
static void
space_kind(const struct imap_tokens *tokens, uint32_t at, enum mail_space kind,
    struct imap_spaces *out)
{
	uint32_t end = imap_token_next(tokens, at);

	if (!imap_token_is_list(tokens, at))
		return;
	for (at++; at < end; at = imap_token_next(tokens, at)) {
		struct str prefix = imap_token_str(tokens, at + 1);
		struct str delimiter = imap_token_str(tokens, at + 2);
		struct imap_space *space = &out->list[out->count];

		if (!imap_token_is_list(tokens, at) ||
		    imap_token_next(tokens, at) < at + 3 ||
		    out->count == IMAP_SPACES ||
		    prefix.len >= IMAP_SPACE_PREFIX ||
		    str_has_line_break(prefix))
			continue;
		*space =
		    (struct imap_space){.prefix_len = prefix.len, .kind = kind};
		if (prefix.len > 0)
			memcpy(space->prefix, prefix.ptr, prefix.len);
		if (delimiter.len == 1)
			space->delimiter = delimiter.ptr[0];
		out->count++;
	}
}

void
imap_space_parse(const struct imap_tokens *tokens, struct imap_spaces *out)
{
	static const enum mail_space kinds[] = {
	    MAIL_SPACE_OWN, MAIL_SPACE_OTHERS, MAIL_SPACE_SHARED};
	uint32_t at = 0;

	*out = (struct imap_spaces){.is_known = true};
	for (size_t i = 0; i < 3 && at < tokens->count; i++) {
		space_kind(tokens, at, kinds[i], out);
		at = imap_token_next(tokens, at);
	}
}

const struct imap_space *
imap_space_find(const struct imap_spaces *spaces, struct str wire)
{
	const struct imap_space *best = NULL;

	for (size_t i = 0; i < spaces->count; i++) {
		const struct imap_space *at = &spaces->list[i];
		struct str prefix = str_of(at->prefix, at->prefix_len);

		/* "Shared" itself belongs to "Shared/". */
		if (prefix.len > 0 && at->delimiter != '\0' &&
		    prefix.ptr[prefix.len - 1] == at->delimiter &&
		    wire.len + 1 == prefix.len)
			prefix.len--;
		if (str_starts(wire, prefix) &&
		    (best == NULL || at->prefix_len > best->prefix_len))
			best = at;
	}
	return best;
}

const struct imap_space *
imap_space_own(const struct imap_spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++) {
		if (spaces->list[i].kind == MAIL_SPACE_OWN)
			return &spaces->list[i];
	}
	return NULL;
}
