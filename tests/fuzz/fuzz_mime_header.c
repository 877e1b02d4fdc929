/*
 * A header and what is made of it: people, lists, results of authentication,
 * notices. All of it is text of one line and bounded, and addresses that a
 * button leads to are what they claim to be.
 */
#include "mime/mime.h"
#include "mime/mime_auth.h"
#include "mime/mime_list.h"
#include "mime/mime_sender.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(struct text text)
{
	ensure(str_is_utf8(text.s));
	for (size_t i = 0; i < text.s.len; i++) {
		unsigned char c = (unsigned char)text.s.ptr[i];
		ensure(c >= ' ' && c != 0x7f);
	}
	/* Nothing that turns what stands around it. */
	ensure(str_find(text.s, STR("\xe2\x80\xae"), 0) == text.s.len);
	ensure(str_find(text.s, STR("\xe2\x81\xa6"), 0) == text.s.len);
}

static void
check_list(struct arena *arena, const struct mime_addresses *list)
{
	ensure(list->count <= 10000);
	for (size_t i = 0; i < list->count; i++) {
		struct text shown =
		    mime_address_shown(arena, list->list[i].address);
		check_line(list->list[i].name);
		check_line(list->list[i].address);
		check_line(shown);
	}
}

static void
check_uri(struct str uri, struct str scheme)
{
	if (uri.len == 0)
		return;
	ensure(str_starts_nocase(uri, scheme) && uri.len <= 2048);
	for (size_t i = 0; i < uri.len; i++)
		ensure(uri.ptr[i] > ' ' && uri.ptr[i] <= '~' &&
		       strchr("\"<>\\", uri.ptr[i]) == NULL);
}

static void
check_header(struct arena *arena, const struct mime_header *header)
{
	check_line(header->subject);
	check_line(header->message_id);
	check_line(header->in_reply_to);
	check_line(header->references);
	check_list(arena, &header->from);
	check_list(arena, &header->sender);
	check_list(arena, &header->reply_to);
	check_list(arena, &header->to);
	check_list(arena, &header->cc);
	check_list(arena, &header->bcc);
	ensure(header->date_s >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str ids[] = {STR("mx.our.org")};
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str in = str_of((const char *)data, size);
	struct mime_header header;
	struct mime_auth auth;
	struct mime_list list;
	struct mime_sender sender;
	struct err err = ERR_NONE;

	ensure(arena != NULL);
	ensure(mime_parse_header(in, arena, &header, &err) == ERR_OK);
	check_header(arena, &header);
	ensure(mime_auth_read(&header, ids, 1, arena, &auth, &err) == ERR_OK);
	check_line(auth.spf_domain);
	check_line(auth.dkim_domain);
	check_line(auth.dmarc_domain);
	ensure(auth.is_known || (auth.spf == MIME_AUTH_UNKNOWN &&
	                            auth.dkim == MIME_AUTH_UNKNOWN &&
	                            auth.dmarc == MIME_AUTH_UNKNOWN));
	ensure(!auth.is_dkim_aligned || auth.dkim == MIME_AUTH_PASS);
	ensure(mime_list_read(&header, arena, &list, &err) == ERR_OK);
	check_line(list.id);
	check_line(list.name);
	check_uri(list.post, STR("mailto:"));
	check_uri(list.unsubscribe_https, STR("https://"));
	check_uri(list.unsubscribe_mailto, STR("mailto:"));
	mime_sender_read(&header, arena, &sender);
	check_line(sender.named_address);
	check_line(sender.reply_address);
	check_line(mime_host_shown(arena, str_slice(in, 0, 300)));
	arena_free(arena);
	return 0;
}
