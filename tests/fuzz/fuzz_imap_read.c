/*
 * What an IMAP server sends: the guard, the reader, its tokens, and all that
 * is read out of them. Tokens must nest; text must be text.
 */
#include "mail/imap_acl.h"
#include "mail/imap_folders.h"
#include "mail/imap_item.h"
#include "mail/imap_list.h"
#include "mail/imap_structure.h"
#include "mail/imap_utf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool
swallow(void *ctx, struct str bytes)
{
	*(size_t *)ctx += bytes.len;
	return true;
}

static void
check_tokens(const struct imap_tokens *tokens, uint32_t from, uint32_t to)
{
	for (uint32_t at = from; at < to; at++) {
		uint32_t end = tokens->list[at].end;

		ensure(end > at && end <= tokens->count);
		ensure(tokens->list[at].kind == IMAP_LIST || end == at + 1);
	}
}

static void
read_item(struct imap_reader *reader, const struct imap_response *response,
    struct arena *arena)
{
	struct imap_tokens tokens = imap_read_tokens(reader, response);
	struct mail_row row = {0};
	struct mime_header header;
	struct imap_item item;

	check_tokens(&tokens, 0, tokens.count);
	if (!imap_item_parse(&tokens, &item))
		return;
	if (item.envelope != 0) {
		imap_item_row(&tokens, item.envelope, arena, &row);
		imap_item_header(&tokens, item.envelope, arena, &header);
		ensure(str_is_utf8(row.subject.s));
		ensure(str_is_utf8(row.from.name.s));
		ensure(str_is_utf8(header.message_id.s));
	}
	if (item.structure != 0) {
		(void)imap_structure_has_attachment(&tokens, item.structure);
		(void)imap_structure_parse(&tokens, item.structure,
		    &mime_limits_default, arena, &(bool){false});
	}
}

static bool
is_of_rights(struct str name)
{
	return str_eq_nocase(name, STR("ACL")) ||
	       str_eq_nocase(name, STR("MYRIGHTS")) ||
	       str_eq_nocase(name, STR("LISTRIGHTS"));
}

/* Whoever can be changed has a name that may be sent. */
static void
check_rights(const struct mail_rights *rights)
{
	ensure(rights->count <= MAIL_RIGHTS_MOST);
	for (size_t i = 0; i < rights->count; i++) {
		const struct mail_rights_row *row = &rights->list[i];

		ensure(str_is_utf8(row->who.s));
		ensure(row->is_fixed ||
		       mail_rights_check_name(row->who, NULL) == ERR_OK);
	}
}

static void
read_all(struct str input, struct arena *arena)
{
	static const struct config_site site = {0};
	struct imap_reader reader;
	struct imap_response response;
	struct mail mail = {.arena = arena};
	struct imap_spaces spaces = {0};
	struct imap_folders folders = {.arena = arena,
	    .mail = &mail,
	    .site = &site,
	    .spaces = &spaces,
	    .command = SIZE_MAX};
	struct mail_rights rights = {0};
	struct imap_acl acl = {.arena = arena,
	    .folder = STR("INBOX"),
	    .login = STR("anna"),
	    .out = &rights};
	struct imap_found found = {0};
	struct mail_folders result;
	uint32_t uids[50];
	size_t sunk = 0;

	imap_reader_init(&reader, NULL, NULL, NULL);
	imap_reader_begin(&reader);
	reader.bytes = input;
	reader.sink = swallow;
	reader.sink_ctx = &sunk;
	while (imap_read(&reader, &response, NULL) == ERR_OK) {
		if (str_eq_nocase(response.name, STR("FETCH")))
			read_item(&reader, &response, arena);
		else if (is_of_rights(response.name))
			imap_acl_untagged(&acl, &reader, &response);
		else if (!imap_folders_untagged(&folders, &reader, &response))
			imap_found_add(&found, arena, &reader, &response);
	}
	check_rights(&rights);
	ensure(reader.sunk_bytes == sunk && sunk <= input.len);
	ensure(imap_found_page(&found, true, 0, 50, uids) <= 50);
	if (imap_folders_result(&folders, &result, NULL) == ERR_OK) {
		for (size_t i = 0; i < result.count; i++)
			ensure(str_is_utf8(result.list[i].name.s));
	}
	imap_reader_end(&reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct str input = str_of((const char *)bytes, len);
	struct imap_guard *guard = malloc(sizeof(*guard));
	struct arena *arena = arena_new((size_t)64 << 20);
	struct text name;

	if (guard != NULL && arena != NULL && len < 4096) {
		imap_guard_init(guard, NULL, NULL);
		(void)imap_guard_add(guard, input, NULL);
		read_all(input, arena);
		/* A name of the server comes back as it was. */
		name = imap_utf7_decode(arena, input);
		ensure(str_is_utf8(name.s));
		if (!str_has_line_break(input))
			ensure(str_eq(imap_utf7_encode(arena, name), input));
	}
	arena_free(arena);
	free(guard);
	return 0;
}
