#include "format.h"

const struct ps_format ps_format_html = {
    .name = "html",
    .suffix = ".html",
    .summary = "a page with charts for a browser, in one file",
    .missing = "this parscope was built without Chart.js (of libjs-chart.js)",
};
