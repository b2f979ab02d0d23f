/* pages/: the formats for browsers, HTML (html.c) and pictures (svg.c). In comes a const result;
 * out goes a file that needs nothing but itself, in which all that comes from outside is escaped.
 *
 * This header: the parts of the page. Internal to this layer. */
#ifndef PS_EXCHANGE_HTML_PAGE_H
#define PS_EXCHANGE_HTML_PAGE_H

#include "format.h"
#include "str.h"
#include "view.h"

struct ps_page {
    struct ps_view view;
    struct ps_str *out;
};

/* What a page carries of the folder page/, and of Chart.js: UTF-8, and the hash by which the page's
 * policy lets it run. */
struct ps_page_asset {
    const char *text, *hash;
};
extern const struct ps_page_asset ps_page_charts, ps_page_script, ps_page_style;

/* Text, also between the quotes of an attribute. */
void ps_page_text(struct ps_page *p, const char *text);
/* An element that holds nothing but text. class: NULL, none. */
void ps_page_element(struct ps_page *p, const char *tag, const char *class, const char *text);
/* Text of several lines, each escaped by itself. */
void ps_page_lines(struct ps_page *p, const char *text);
void ps_page_paragraphs(struct ps_page *p, struct ps_lines lines);
void ps_page_grid(struct ps_page *p, const struct ps_grid *g);
/* A cell with a number as people read it, and as it is; "-" where it is none. */
void ps_page_number(struct ps_page *p, double value, const char *text);
void ps_page_heads(struct ps_page *p, const char *const *heads); /* ends with NULL */
/* What all but the body's content is: the policy, the style. */
void ps_page_begin(struct ps_page *p, const char *title);
/* A document for the scripts. id: of its element; name: that tells it from others; NULL. */
void ps_page_document(struct ps_page *p, const char *id, const char *name, const char *json);
void ps_page_end(struct ps_page *p); /* the scripts */
/* The same of a page with one document, of its result. -ENOMEM where either text is not whole. */
int ps_page_end_with(struct ps_page *p, const struct ps_str *json, struct ps_err *e);
/* The button that saves a document, by its place among those of the page. name: as above. */
void ps_page_save(struct ps_page *p, size_t document, const char *name, const char *left_out);

/* What a page carries of a result: all, or without most of the samples. *left_out: a sentence on
 * what is not there; "". share: of what one page may carry. */
struct ps_result ps_page_carried(const struct ps_result *r, double share, struct ps_arena *a,
                                 const char **left_out);
/* All of a result but its title and the machine. */
void ps_page_body(struct ps_page *p);
const char *ps_page_title(struct ps_page *p);

/* html_topo.c, html_comparison.c, html_results.c */
int ps_page_comparison(const struct ps_comparison *c, const struct ps_report_style *style,
                       struct ps_str *out, struct ps_err *e);
int ps_page_topo(const struct ps_topo *t, const struct ps_report_style *style, struct ps_str *out,
                 struct ps_err *e);
int ps_page_results(const struct ps_results *r, const struct ps_report_style *style,
                    struct ps_str *out, struct ps_err *e);

/* Sections. */
void ps_page_metrics(struct ps_page *p); /* every number of every point */
void ps_page_diagnosis(struct ps_page *p);
void ps_page_host(struct ps_page *p);
void ps_page_plan(struct ps_page *p);

#endif
