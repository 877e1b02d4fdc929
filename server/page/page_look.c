#include "page/page_look.h"

#include "page/page_folder.h"

const char page_look_pref[] = "look";

struct look_choice {
	const char *word; /* a class of the stylesheet; "": what is usual */
	const char *words;
};
struct look_group {
	const char *field;
	const char *label;
	const char *hint; /* NULL: none */
	const struct look_choice *choices;
	size_t count;
};

static const struct look_choice look_themes[] = {
    {"", N_("As the system has it")}, {"light", N_("Light")},
    {"dark", N_("Dark")}};
static const struct look_choice look_accents[] = {{"", N_("Blue")},
    {"green", N_("Green")}, {"teal", N_("Teal")}, {"purple", N_("Purple")},
    {"red", N_("Red")}, {"grey", N_("Grey")}};
static const struct look_choice look_densities[] = {{"", N_("Cozy")},
    {"comfortable", N_("Comfortable")}, {"compact", N_("Compact")}};
static const struct look_choice look_panes[] = {{"", N_("To the right of it")},
    {"below", N_("Below it")}, {"alone", N_("On a page of its own")}};
/* Steps in rem, or in hundredths of the window's height: panes.css and
 * panes.js know each. */
static const struct look_choice look_widths[] = {{"list-20", N_("Very narrow")},
    {"list-24", N_("Narrow")}, {"", N_("Medium")}, {"list-32", N_("Wide")},
    {"list-36", N_("Very wide")}, {"list-40", N_("As wide as can be")}};
static const struct look_choice look_folders[] = {{"folders-11", N_("Narrow")},
    {"", N_("Medium")}, {"folders-18", N_("Wide")},
    {"folders-22", N_("Very wide")}};
static const struct look_choice look_heights[] = {
    {"height-33", N_("A third of the window")}, {"", N_("Half of the window")},
    {"height-62", N_("Two thirds of the window")}};
/* What swipe.js does; it knows each. */
static const struct look_choice look_right[] = {{"", N_("archives it")},
    {"right-delete", N_("deletes it")}, {"right-none", N_("does nothing")}};
static const struct look_choice look_left[] = {{"", N_("deletes it")},
    {"left-archive", N_("archives it")}, {"left-none", N_("does nothing")}};

#define LOOK_GROUP(field, label, hint, choices)            \
	{                                                  \
		field, label, hint, choices,               \
		    sizeof(choices) / sizeof((choices)[0]) \
	}
static const struct look_group look_groups[] = {
    LOOK_GROUP("theme", N_("Light or dark"), NULL, look_themes),
    LOOK_GROUP("accent", N_("Colour of links and buttons"), NULL, look_accents),
    LOOK_GROUP("density", N_("Rows of lists"),
        N_("Compact shows the most messages."), look_densities),
    LOOK_GROUP("pane", N_("A message opened from a list shows"),
        N_("Beside or below its list in wide windows, with JavaScript; "
           "else on a page of its own."),
        look_panes),
    LOOK_GROUP("list_width", N_("Width of a list beside a message"),
        N_("The line between the two can be dragged, too."), look_widths),
    LOOK_GROUP("pane_height", N_("Height of a message below its list"), NULL,
        look_heights),
    LOOK_GROUP("folders_width", N_("Width of the folders"), NULL, look_folders),
    LOOK_GROUP("swipe_right", N_("Swiping a row to the right"),
        N_("In lists, on touch screens, with JavaScript. It can be undone."),
        look_right),
    LOOK_GROUP("swipe_left", N_("Swiping a row to the left"), NULL, look_left),
};
#define LOOK_GROUPS (sizeof(look_groups) / sizeof(look_groups[0]))

/* Is `word` one of those that spaces part? */
static bool
look_has(struct str words, struct str word)
{
	for (size_t at = 0; at < words.len;) {
		size_t end = str_find_byte(words, ' ', at);

		if (str_eq(str_slice(words, at, end), word))
			return true;
		at = end + 1;
	}
	return false;
}

/* What is chosen of a group; the first of it is said where nothing is. */
static const struct look_choice *
look_chosen(const struct look_group *group, struct str words)
{
	const struct look_choice *usual = &group->choices[0];

	for (size_t i = 0; i < group->count; i++) {
		const struct look_choice *choice = &group->choices[i];

		if (choice->word[0] == '\0')
			usual = choice;
		else if (look_has(words, str_c(choice->word)))
			return choice;
	}
	return usual;
}

/* Only words that are known, each group's once. */
static struct str
look_join(struct arena *arena, const struct look_choice *const *chosen)
{
	struct str parts[LOOK_GROUPS * 2];
	size_t count = 0;

	for (size_t i = 0; i < LOOK_GROUPS; i++) {
		if (chosen[i]->word[0] == '\0')
			continue;
		if (count > 0)
			parts[count++] = STR(" ");
		parts[count++] = str_c(chosen[i]->word);
	}
	return str_join(arena, parts, count);
}

static struct str
look_stored(struct request *req)
{
	return req->session == NULL ? STR("") : page_folder_prefs_look(req);
}

bool
page_look_is_known(struct str words)
{
	while (words.len > 0) {
		struct str word = str_cut(&words, ' ');
		bool is_known = false;

		for (size_t i = 0; i < LOOK_GROUPS; i++)
			is_known |= str_eq(
			    str_c(look_chosen(&look_groups[i], word)->word),
			    word);
		if (!is_known || word.len == 0)
			return false;
	}
	return true;
}

bool
page_look_is(struct request *req, const char *word)
{
	return look_has(look_stored(req), str_c(word));
}

void
page_look_view(struct request *req, struct view *view)
{
	struct str stored = look_stored(req);
	const struct look_choice *chosen[LOOK_GROUPS];

	for (size_t i = 0; i < LOOK_GROUPS; i++)
		chosen[i] = look_chosen(&look_groups[i], stored);
	view_str(view, "look", look_join(req->arena, chosen));
}

/* What is usual may be the site's own. */
static const char *
look_words(const struct request *req, const struct look_choice *choice)
{
	if (choice == &look_accents[0] && !str_is_empty(req->site->accent))
		return tr(N_("That of this site"));
	return tr(choice->words);
}

void
page_look_view_choices(struct request *req, struct view *view)
{
	struct str stored = look_stored(req);
	struct view_list *groups = view_list(view, "looks");

	for (size_t i = 0; i < LOOK_GROUPS; i++) {
		const struct look_group *group = &look_groups[i];
		struct view *row = view_list_add(groups);
		struct view_list *choices = view_list(row, "choices");

		view_word(row, "field", group->field);
		view_word(row, "label", tr(group->label));
		if (group->hint != NULL)
			view_word(row, "hint", tr(group->hint));
		for (size_t k = 0; k < group->count; k++) {
			const struct look_choice *choice = &group->choices[k];
			struct view *each = view_list_add(choices);

			view_word(each, "value", choice->word);
			view_word(each, "words", look_words(req, choice));
			view_bool(each, "selected",
			    choice == look_chosen(group, stored));
		}
	}
}

static enum err_code
look_save(struct request *req, const struct look_choice *const *chosen,
    struct err *err)
{
	return store_pref_set(req->app->store, req->session->account,
	    str_c(page_look_pref), look_join(req->arena, chosen), err);
}

struct str
page_look_read(struct request *req)
{
	const struct look_choice *chosen[LOOK_GROUPS];

	for (size_t i = 0; i < LOOK_GROUPS; i++)
		chosen[i] = look_chosen(
		    &look_groups[i], request_field(req, look_groups[i].field));
	return look_join(req->arena, chosen);
}

/* A line of panes.js changes it. */
static bool
look_is_size(const struct look_group *group)
{
	return group->choices == look_widths ||
	       group->choices == look_folders || group->choices == look_heights;
}

enum err_code
page_look_save_width(struct request *req, struct err *err)
{
	struct str stored = look_stored(req);
	const struct look_choice *chosen[LOOK_GROUPS];
	const struct form *form = NULL;
	enum err_code rc = request_form(req, &form, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < LOOK_GROUPS; i++) {
		const struct look_group *group = &look_groups[i];
		struct str size = look_is_size(group)
		                      ? form_value(form, group->field)
		                      : str_of(NULL, 0);

		chosen[i] =
		    look_chosen(group, size.ptr != NULL ? size : stored);
		if (size.ptr != NULL && !str_eq(str_c(chosen[i]->word), size))
			return err_set(
			    err, ERR_INPUT, "There is no such width.", NULL);
	}
	return look_save(req, chosen, err);
}
