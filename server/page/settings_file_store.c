/* The settings of one account, out of the store and into it. */
#include "page/page_label.h"
#include "page/settings_file.h"

/* ---- out of it ------------------------------------------------------------
 */
struct loading {
	struct request *req;
	struct settings_all *out;
	struct str chosen; /* id of the identity new messages begin with */
	struct err *err;
};

static bool
load_room(struct loading *in, enum settings_section section, size_t count)
{
	struct settings_list *list = &in->out->lists[section];

	list->items = ARENA_ARRAY(in->req->arena, count, struct settings_item);
	list->is_there = list->items != NULL;
	list->count = list->is_there ? count : 0;
	return list->is_there;
}

static enum err_code
load_prefs(struct loading *in)
{
	struct store_pref *list = NULL;
	size_t count = 0;
	enum err_code rc = store_pref_list(in->req->app->store,
	    in->req->session->account, in->req->arena, &list, &count, in->err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		for (size_t k = 0; k < SETTINGS_PREFS; k++)
			if (str_eq(list[i].name, str_c(settings_prefs[k].name)))
				in->out->prefs[k] = list[i].content;
		if (str_eq(list[i].name, str_c(page_pref_labels)))
			in->out->stored_labels = list[i].content;
		if (str_eq(list[i].name, STR("identity")))
			in->chosen = list[i].content;
	}
	return rc;
}

static enum err_code
load_identities(struct loading *in)
{
	struct store_identity *list = NULL;
	size_t count = 0;
	enum err_code rc = store_identity_list(in->req->app->store,
	    in->req->session->account, in->req->arena, &list, &count, in->err);

	if (rc != ERR_OK || !load_room(in, SETTINGS_IDENTITIES, count))
		return rc;
	for (size_t i = 0; i < count; i++)
		in->out->lists[SETTINGS_IDENTITIES].items[i] =
		    (struct settings_item){
		        .id = list[i].id,
		        .fields = {list[i].address, list[i].name,
		            list[i].reply_to, list[i].bcc, list[i].organization,
		            list[i].signature, list[i].signature_html},
		        .is_default = str_eq(list[i].id, in->chosen),
		        .is_verified = list[i].is_verified,
		        .when_s = list[i].created_s,
		    };
	return rc;
}

static enum err_code
load_responses(struct loading *in)
{
	struct store_response *list = NULL;
	size_t count = 0;
	enum err_code rc = store_response_list(in->req->app->store,
	    in->req->session->account, in->req->arena, &list, &count, in->err);

	if (rc != ERR_OK || !load_room(in, SETTINGS_RESPONSES, count))
		return rc;
	for (size_t i = 0; i < count; i++)
		in->out->lists[SETTINGS_RESPONSES].items[i] =
		    (struct settings_item){
		        .id = list[i].id,
		        .fields = {list[i].name, list[i].subject, list[i].body},
		        .when_s = list[i].changed_s,
		    };
	return rc;
}

/* Not those that were removed and can still come back. */
static enum err_code
load_searches(struct loading *in)
{
	struct store_search *list = NULL;
	struct settings_list *out = &in->out->lists[SETTINGS_SEARCHES];
	size_t count = 0;
	enum err_code rc = store_search_list(in->req->app->store,
	    in->req->session->account, in->req->arena, &list, &count, in->err);

	if (rc != ERR_OK || !load_room(in, SETTINGS_SEARCHES, count))
		return rc;
	out->count = 0;
	for (size_t i = 0; i < count; i++)
		if (list[i].removed_s == 0)
			out->items[out->count++] = (struct settings_item){
			    .id = list[i].id,
			    .fields = {list[i].name, list[i].words,
			        list[i].scope, list[i].folder},
			    .when_s = list[i].created_s,
			};
	return rc;
}

static int
load_order(const void *a, const void *b)
{
	const struct settings_item *x = a;
	const struct settings_item *y = b;

	return str_compare(x->id, y->id);
}

/* By address, so that two files of the same settings are the same. */
static enum err_code
load_senders(struct loading *in)
{
	struct store_trust *list = NULL;
	struct settings_list *out = &in->out->lists[SETTINGS_SENDERS];
	size_t count = 0;
	enum err_code rc = store_trust_list(in->req->app->store,
	    in->req->session->account, in->req->arena, &list, &count, in->err);

	if (rc != ERR_OK || !load_room(in, SETTINGS_SENDERS, count))
		return rc;
	for (size_t i = 0; i < count; i++)
		out->items[i] = (struct settings_item){
		    .id = list[i].sender,
		    .fields = {list[i].sender},
		    .when_s = list[i].added_s,
		};
	if (count > 1)
		qsort(out->items, count, sizeof(*out->items), load_order);
	return rc;
}

enum err_code
settings_file_load(
    struct request *req, struct settings_all *out, struct err *err)
{
	struct loading in = {.req = req, .out = out, .err = err};
	const struct page_label_list *labels = page_labels(req);
	enum err_code rc;

	*out = (struct settings_all){.lists = {{.is_there = false}}};
	rc = load_prefs(&in);
	if (rc == ERR_OK)
		rc = load_identities(&in);
	if (rc == ERR_OK)
		rc = load_responses(&in);
	if (rc == ERR_OK)
		rc = load_searches(&in);
	if (rc == ERR_OK)
		rc = load_senders(&in);
	if (rc == ERR_OK &&
	    (labels == NULL || !settings_labels_unpack(req->arena, labels,
	                           &out->lists[SETTINGS_LABELS])))
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "settings file");
	return rc;
}

/* ---- into it --------------------------------------------------------------
 */
static struct str *
apply_ids(struct arena *arena, const struct settings_list *from, size_t *out)
{
	struct str *ids = ARENA_ARRAY(arena, from->count, struct str);

	for (size_t i = 0; ids != NULL && i < from->count; i++)
		ids[i] = from->items[i].id;
	*out = from->count;
	return ids;
}

static void
apply_identities(struct arena *arena, const struct settings_list *from,
    struct store_settings_change *out)
{
	out->identities =
	    ARENA_ARRAY(arena, from->count, struct store_identity);
	for (size_t i = 0; out->identities != NULL && i < from->count; i++) {
		const struct settings_item *item = &from->items[i];

		out->identities[out->identity_count++] =
		    (struct store_identity){
		        .id = item->id,
		        .address = item->fields[0],
		        .name = item->fields[1],
		        .reply_to = item->fields[2],
		        .bcc = item->fields[3],
		        .organization = item->fields[4],
		        .signature = item->fields[5],
		        .signature_html = item->fields[6],
		        .is_verified = item->is_verified,
		        .created_s = item->when_s,
		    };
	}
}

static void
apply_responses(struct arena *arena, const struct settings_list *from,
    struct store_settings_change *out)
{
	out->responses = ARENA_ARRAY(arena, from->count, struct store_response);
	for (size_t i = 0; out->responses != NULL && i < from->count; i++) {
		const struct settings_item *item = &from->items[i];

		out->responses[out->response_count++] =
		    (struct store_response){item->id, item->fields[0],
		        item->fields[1], item->fields[2], item->when_s};
	}
}

static void
apply_searches(struct arena *arena, const struct settings_list *from,
    struct store_settings_change *out)
{
	out->searches = ARENA_ARRAY(arena, from->count, struct store_search);
	for (size_t i = 0; out->searches != NULL && i < from->count; i++) {
		const struct settings_item *item = &from->items[i];

		out->searches[out->search_count++] = (struct store_search){
		    .id = item->id,
		    .name = item->fields[0],
		    .words = item->fields[1],
		    .scope = item->fields[2],
		    .folder = item->fields[3],
		    .created_s = item->when_s,
		};
	}
}

static void
apply_senders(struct arena *arena, const struct settings_list *from,
    struct store_settings_change *out)
{
	out->senders = ARENA_ARRAY(arena, from->count, struct store_trust);
	for (size_t i = 0; out->senders != NULL && i < from->count; i++)
		out->senders[out->sender_count++] = (struct store_trust){
		    from->items[i].id, from->items[i].when_s};
}

enum err_code
settings_file_apply(
    struct request *req, const struct settings_change *change, struct err *err)
{
	struct arena *arena = req->arena;
	struct store_settings_change all = {
	    .prefs = change->prefs, .pref_count = change->pref_count};

	apply_identities(arena, &change->put[SETTINGS_IDENTITIES], &all);
	apply_responses(arena, &change->put[SETTINGS_RESPONSES], &all);
	apply_searches(arena, &change->put[SETTINGS_SEARCHES], &all);
	apply_senders(arena, &change->put[SETTINGS_SENDERS], &all);
	all.identities_gone = apply_ids(arena,
	    &change->gone[SETTINGS_IDENTITIES], &all.identity_gone_count);
	all.responses_gone = apply_ids(
	    arena, &change->gone[SETTINGS_RESPONSES], &all.response_gone_count);
	all.searches_gone = apply_ids(
	    arena, &change->gone[SETTINGS_SEARCHES], &all.search_gone_count);
	all.senders_gone = apply_ids(
	    arena, &change->gone[SETTINGS_SENDERS], &all.sender_gone_count);
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "settings file");
	return store_settings_apply(
	    req->app->store, req->session->account, &all, err);
}
