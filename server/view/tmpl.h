#ifndef VIEW_TMPL_H
#define VIEW_TMPL_H
/*
 * Templates: Mustache syntax, compiled at start and on reload. Escaping
 * follows the value's type and the place it stands in (text, attribute, URL
 * attribute). There is no raw output of text: {{{x}}} and {{&x}} are errors.
 *
 *   {{name}}  {{a.b}}  {{#name}}…{{/name}}  {{^name}}…{{/name}}
 *   {{> part}}  {{! comment }}
 *
 * A section over a list repeats with the names of each round, over a child it
 * opens the child's names; both fall back to the names outside. True are: yes,
 * texts that are not empty, numbers that are not 0. {{#list.any}} opens once
 * when the list has rounds. A name may be written with
 * or without ".html" in {{> }} and tmpl_render.
 *
 * {{#t}}Words for people, with {{names}} and <b class="x">tags</b>{{/t}} are
 * looked up in the page's language, {{#t menu}}Open{{/t}} where a word means
 * more than one thing, {{#tn count}}{{count}} thing|{{count}} things{{/tn}}
 * where a number decides (view/tmpl_words.h, docs/TRANSLATING.md).
 *
 * {{name}} in href, src, action, formaction takes a view_url only, behind a '#'
 * anything, percent-encoded; style="{{name}}" takes a view_css only. At compile
 * time it is an error to put a value in a script, style, an on* attribute,
 * an unquoted attribute or a tag's name. Scripts, links and frames take only
 * addresses on this server ("/…").
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "view/view.h"

struct languages;
struct tmpl_set; /* immutable, counted */

/*
 * Compiles every *.html of `folder`; a file of the same name in
 * `override_folder` (NULL: none) takes its place. ERR_CONFIG names file and
 * line of what is broken, and an override of an unknown name.
 */
enum err_code tmpl_set_new(const char *folder, const char *override_folder,
    struct tmpl_set **out, struct err *err) WARN_UNUSED;
/* From memory, for tests and fuzzing: names and sources in pairs. */
enum err_code tmpl_set_from(const struct str *names, const struct str *sources,
    size_t count, struct tmpl_set **out, struct err *err) WARN_UNUSED;
/*
 * The languages its words are looked up in, before the set is shared. Each is
 * compiled when its first page is asked for. ERR_CONFIG: a site's own English
 * words break a template.
 */
enum err_code tmpl_set_speak(struct tmpl_set *set, struct languages *languages,
    struct err *err) WARN_UNUSED;
/* Of this set, and of no other one this process had or will have. */
uint64_t tmpl_set_number(const struct tmpl_set *set);
struct tmpl_set *tmpl_set_ref(struct tmpl_set *set);
void tmpl_set_unref(struct tmpl_set *set);

/*
 * Renders into the arena, in the thread's language (base/tr.h). ERR_INTERNAL:
 * unknown template, or a text in a URL attribute. ERR_LIMIT past
 * LIMIT_PAGE_BYTES. A name the view does not have is empty.
 */
enum err_code tmpl_render(struct tmpl_set *set, const char *name,
    const struct view *view, struct arena *arena, struct html *out,
    struct err *err) WARN_UNUSED;

#endif
