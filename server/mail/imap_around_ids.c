#include "mail/imap_around.h"

/* "<" printable ASCII ">": others would need a literal, and match nothing. */
static bool
ask_is_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++) {
		if (id.ptr[i] <= ' ' || id.ptr[i] >= 0x7F)
			return false;
	}
	return id.len > 4 && id.len <= 250 && id.ptr[0] == '<' &&
	       id.ptr[id.len - 1] == '>';
}

static void
ask_add_id(struct around_side *side, struct str id)
{
	if (side->id_count == AROUND_IDS || !ask_is_id(id))
		return;
	for (size_t i = 0; i < side->id_count; i++) {
		if (str_eq(side->ids[i], id))
			return;
	}
	side->ids[side->id_count++] = id;
}

static struct str
ask_first_id(struct str ids)
{
	struct str rest = ids;

	return str_cut(&rest, ' ');
}

static struct str
ask_cut_last_id(struct str *ids)
{
	size_t at = ids->len;
	struct str last;

	while (at > 0 && ids->ptr[at - 1] != ' ')
		at--;
	last = str_slice(*ids, at, ids->len);
	*ids = str_trim(str_slice(*ids, 0, at));
	return last;
}

bool
imap_around_ids(struct around_side *side, const struct mime_header *header)
{
	struct str rest = str_trim(header->references.s);

	ask_add_id(side, str_trim(header->message_id.s));
	ask_add_id(side, ask_first_id(header->in_reply_to.s));
	ask_add_id(side, ask_first_id(rest));
	while (rest.len > 0 && side->id_count < AROUND_IDS)
		ask_add_id(side, ask_cut_last_id(&rest));
	return side->id_count > 0;
}
