from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'check_parts.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_parts = l_0_contents = l_0_account = l_0_findings = l_0_places = l_0_tile = l_0_statistics = l_0_lengths = l_0_length_row = l_0_charts = l_0_code = l_0_split = l_0_sections = l_0_facts = missing
    try:
        t_1 = environment.filters['bar']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'bar' found.")
    try:
        t_2 = environment.filters['by_severity']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'by_severity' found.")
    try:
        t_3 = environment.filters['counted']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'counted' found.")
    try:
        t_4 = environment.filters['histograms']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No filter named 'histograms' found.")
    try:
        t_5 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_5(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    try:
        t_6 = environment.filters['line_ranges']
    except KeyError:
        @internalcode
        def t_6(*unused):
            raise TemplateRuntimeError("No filter named 'line_ranges' found.")
    try:
        t_7 = environment.filters['map']
    except KeyError:
        @internalcode
        def t_7(*unused):
            raise TemplateRuntimeError("No filter named 'map' found.")
    try:
        t_8 = environment.filters['max']
    except KeyError:
        @internalcode
        def t_8(*unused):
            raise TemplateRuntimeError("No filter named 'max' found.")
    try:
        t_9 = environment.filters['number']
    except KeyError:
        @internalcode
        def t_9(*unused):
            raise TemplateRuntimeError("No filter named 'number' found.")
    try:
        t_10 = environment.filters['round']
    except KeyError:
        @internalcode
        def t_10(*unused):
            raise TemplateRuntimeError("No filter named 'round' found.")
    try:
        t_11 = environment.filters['ticked']
    except KeyError:
        @internalcode
        def t_11(*unused):
            raise TemplateRuntimeError("No filter named 'ticked' found.")
    try:
        t_12 = environment.tests['none']
    except KeyError:
        @internalcode
        def t_12(*unused):
            raise TemplateRuntimeError("No test named 'none' found.")
    pass
    l_0_parts = context.vars['parts'] = environment.get_template('parts.html.j2', 'check_parts.html.j2')._get_default_module(context)
    context.exported_vars.discard('parts')
    yield '\n'
    def macro(l_1_check, l_1_others):
        t_13 = []
        if l_1_check is missing:
            l_1_check = undefined("parameter 'check' was not provided", name='check')
        if l_1_others is missing:
            l_1_others = undefined("parameter 'others' was not provided", name='others')
        pass
        t_13.append(
            '<nav class="contents" aria-label="On this page"><ul>\n<li><a href="#lines">Lines</a></li>\n',
        )
        if environment.getattr(l_1_check, 'findings'):
            pass
            t_13.append(
                '<li><a href="#findings">Findings</a></li>',
            )
        if environment.getattr(l_1_check, 'statistics'):
            pass
            t_13.append(
                '<li><a href="#statistics">Statistics</a></li>',
            )
        if environment.getattr(l_1_check, 'split'):
            pass
            t_13.append(
                '<li><a href="#split">Split</a></li>',
            )
        for (l_2_id, l_2_name) in l_1_others:
            _loop_vars = {}
            pass
            t_13.extend((
                '<li><a href="#',
                escape(environment.finalize(l_2_id)),
                '">',
                escape(environment.finalize(l_2_name)),
                '</a></li>\n',
            ))
        l_2_id = l_2_name = missing
        t_13.append(
            '</ul></nav>\n',
        )
        return concat(t_13)
    context.exported_vars.add('contents')
    context.vars['contents'] = l_0_contents = Macro(environment, macro, 'contents', ('check', 'others'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_check):
        t_14 = []
        l_1_lines = missing
        if l_1_check is missing:
            l_1_check = undefined("parameter 'check' was not provided", name='check')
        pass
        l_1_lines = environment.getattr(l_1_check, 'lines')
        t_14.extend((
            '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'used')))),
            ' lines used, ',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'fixed')))),
            ' fixed, ',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'rejected')))),
            ' rejected, ',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'blank')))),
            ' blank">\n',
        ))
        for l_2_piece in t_1((undefined(name='lines') if l_1_lines is missing else l_1_lines)):
            _loop_vars = {}
            pass
            t_14.extend((
                '<rect class="',
                escape(environment.finalize(environment.getattr(l_2_piece, 'kind'))),
                '" x="',
                escape(environment.finalize(environment.getattr(l_2_piece, 'start'))),
                '" y="0" width="',
                escape(environment.finalize(environment.getattr(l_2_piece, 'width'))),
                '" height="10"/>\n',
            ))
        l_2_piece = missing
        t_14.extend((
            '</svg>\n<ul class="legend">\n<li class="used"><strong>',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'used')))),
            '</strong> used as they are</li>\n<li class="fixed"><strong>',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'fixed')))),
            '</strong> fixed</li>\n<li class="rejected"><strong>',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'rejected')))),
            '</strong> rejected</li>\n<li class="blank"><strong>',
            escape(environment.finalize(t_9(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'blank')))),
            '</strong> blank</li>\n</ul>\n<p class="soft small">',
            escape(environment.finalize(t_3(environment.getattr((undefined(name='lines') if l_1_lines is missing else l_1_lines), 'physical'), 'line', 'lines'))),
            ' in the file; every one is in this account.',
        ))
        if (not environment.getattr(l_1_check, 'findings')):
            pass
            t_14.append(
                ' There is nothing to correct.',
            )
        t_14.append(
            '</p>\n',
        )
        return concat(t_14)
    context.exported_vars.add('account')
    context.vars['account'] = l_0_account = Macro(environment, macro, 'account', ('check',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_15 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        for l_2_group in t_2(l_1_found):
            _loop_vars = {}
            pass
            t_15.extend((
                '<details class="group ',
                escape(environment.finalize(environment.getattr(l_2_group, 'tone'))),
                '-edge"',
            ))
            if environment.getattr(l_2_group, 'is_open'):
                pass
                t_15.append(
                    ' open',
                )
            t_15.extend((
                '>\n<summary><h3>',
                escape(environment.finalize(environment.getattr(l_2_group, 'title'))),
                '</h3> <span class="tag ',
                escape(environment.finalize(environment.getattr(l_2_group, 'tone'))),
                '">',
                escape(environment.finalize(t_3(t_5(environment.getattr(l_2_group, 'findings')), 'kind', 'kinds'))),
            ))
            if (environment.getattr(l_2_group, 'times') > t_5(environment.getattr(l_2_group, 'findings'))):
                pass
                t_15.extend((
                    ', ',
                    escape(environment.finalize(t_9(environment.getattr(l_2_group, 'times')))),
                    ' in all',
                ))
            t_15.append(
                '</span></summary>\n',
            )
            for l_3_finding in environment.getattr(l_2_group, 'findings'):
                _loop_vars = {}
                pass
                t_15.extend((
                    '<article class="finding">\n<header><h4><code>',
                    escape(environment.finalize(environment.getattr(l_3_finding, 'code'))),
                    '</code></h4>\n',
                    escape(environment.finalize(context.call((undefined(name='places') if l_0_places is missing else l_0_places), l_3_finding, _loop_vars=_loop_vars))),
                    '</header>\n<div>\n<p>',
                    escape(environment.finalize(environment.getattr(l_3_finding, 'meaning'))),
                    '</p>\n',
                ))
                if environment.getattr(l_3_finding, 'message'):
                    pass
                    t_15.append(
                        '<p class="found">',
                    )
                    if (not t_12(environment.getattr(l_3_finding, 'first_line'))):
                        pass
                        t_15.extend((
                            '<span class="place">Line ',
                            escape(environment.finalize(t_9(environment.getattr(l_3_finding, 'first_line')))),
                        ))
                        if (not t_12(environment.getattr(l_3_finding, 'column'))):
                            pass
                            t_15.extend((
                                ', column ',
                                escape(environment.finalize(t_9(environment.getattr(l_3_finding, 'column')))),
                            ))
                        t_15.append(
                            ':</span> ',
                        )
                    t_15.extend((
                        escape(environment.finalize(t_11(environment.getattr(l_3_finding, 'message')))),
                        '</p>',
                    ))
                t_15.extend((
                    '<p class="remedy">',
                    escape(environment.finalize(t_11(environment.getattr(l_3_finding, 'remedy')))),
                    '</p>\n</div>\n</article>\n',
                ))
            l_3_finding = missing
            t_15.append(
                '</details>\n',
            )
        l_2_group = missing
        return concat(t_15)
    context.exported_vars.add('findings')
    context.vars['findings'] = l_0_findings = Macro(environment, macro, 'findings', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_finding):
        t_16 = []
        if l_1_finding is missing:
            l_1_finding = undefined("parameter 'finding' was not provided", name='finding')
        pass
        if t_12(environment.getattr(l_1_finding, 'first_line')):
            pass
            t_16.append(
                '<p class="small soft">the whole file</p>\n',
            )
        elif (t_5(environment.getattr(l_1_finding, 'lines')) > 20):
            pass
            t_16.extend((
                '<p class="small soft">',
                escape(environment.finalize(t_9(environment.getattr(l_1_finding, 'count')))),
                ' times</p>\n<details class="small soft"><summary>',
                escape(environment.finalize(('The first' if (environment.getattr(l_1_finding, 'count') > t_5(environment.getattr(l_1_finding, 'lines'))) else 'All'))),
                ' ',
                escape(environment.finalize(t_5(environment.getattr(l_1_finding, 'lines')))),
                ' lines</summary>\n<p>',
                escape(environment.finalize(t_6(environment.getattr(l_1_finding, 'lines')))),
                '</p></details>\n',
            ))
        elif (environment.getattr(l_1_finding, 'count') > 1):
            pass
            t_16.extend((
                '<p class="small soft">',
                escape(environment.finalize(t_9(environment.getattr(l_1_finding, 'count')))),
                ' times</p>\n',
            ))
            if (t_5(environment.getattr(l_1_finding, 'lines')) > 1):
                pass
                t_16.extend((
                    '<p class="small soft">Lines ',
                    escape(environment.finalize(t_6(environment.getattr(l_1_finding, 'lines')))),
                ))
                if (environment.getattr(l_1_finding, 'count') > t_5(environment.getattr(l_1_finding, 'lines'))):
                    pass
                    t_16.append(
                        '; a line can hold it more than once',
                    )
                t_16.append(
                    '.</p>',
                )
        else:
            pass
            t_16.extend((
                '<p class="small soft">line ',
                escape(environment.finalize(t_9(environment.getattr(l_1_finding, 'first_line')))),
                '</p>\n',
            ))
        return concat(t_16)
    context.exported_vars.add('places')
    context.vars['places'] = l_0_places = Macro(environment, macro, 'places', ('finding',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_name, l_1_value):
        t_17 = []
        if l_1_name is missing:
            l_1_name = undefined("parameter 'name' was not provided", name='name')
        if l_1_value is missing:
            l_1_value = undefined("parameter 'value' was not provided", name='value')
        pass
        if (not t_12(l_1_value)):
            pass
            t_17.extend((
                '<div><dt>',
                escape(environment.finalize(l_1_name)),
                '</dt><dd>',
                escape(environment.finalize(t_9(l_1_value))),
                '</dd></div>\n',
            ))
        return concat(t_17)
    context.exported_vars.add('tile')
    context.vars['tile'] = l_0_tile = Macro(environment, macro, 'tile', ('name', 'value'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_18 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        t_18.extend((
            '<dl class="tiles">\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'Examples', environment.getattr(l_1_found, 'examples')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'Turns', environment.getattr(l_1_found, 'turns')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'Estimated tokens', environment.getattr(environment.getattr(environment.getattr(l_1_found, 'tokens'), 'sums'), 'total')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'Repetitions', environment.getattr(l_1_found, 'duplicates')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'Prompts with two answers', environment.getattr(l_1_found, 'conflicts')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'With an instruction', environment.getattr(l_1_found, 'with_instruction')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'Epochs', (t_10(environment.getattr(l_1_found, 'epochs'), 2) if (not t_12(environment.getattr(l_1_found, 'epochs'))) else None)))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='tile') if l_0_tile is missing else l_0_tile), 'Training steps', environment.getattr(l_1_found, 'train_steps')))),
            '\n</dl>\n',
        ))
        return concat(t_18)
    context.exported_vars.add('statistics')
    context.vars['statistics'] = l_0_statistics = Macro(environment, macro, 'statistics', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_19 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        t_19.extend((
            '<h3>How long the examples are</h3>\n<table class="lengths">\n<thead><tr><td></td><th scope="col">Input</th><th scope="col">Output</th><th scope="col">Together</th></tr></thead>\n<tbody>\n',
            escape(environment.finalize(context.call((undefined(name='length_row') if l_0_length_row is missing else l_0_length_row), 'Characters', environment.getattr(l_1_found, 'characters')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='length_row') if l_0_length_row is missing else l_0_length_row), 'Estimated tokens', environment.getattr(environment.getattr(l_1_found, 'tokens'), 'sums')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='length_row') if l_0_length_row is missing else l_0_length_row), 'Tokens per example, p50', environment.getattr(environment.getattr(l_1_found, 'tokens'), 'p50')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='length_row') if l_0_length_row is missing else l_0_length_row), 'Tokens per example, p95', environment.getattr(environment.getattr(l_1_found, 'tokens'), 'p95')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='length_row') if l_0_length_row is missing else l_0_length_row), 'Tokens per example, longest', environment.getattr(environment.getattr(l_1_found, 'tokens'), 'max')))),
            '\n</tbody>\n</table>\n',
        ))
        if environment.getattr(environment.getattr(l_1_found, 'tokens'), 'estimator'):
            pass
            t_19.extend((
                '<p class="small soft">Tokens are estimated as ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_found, 'tokens'), 'estimator'))),
            ))
            if (not t_12(environment.getattr(environment.getattr(l_1_found, 'tokens'), 'low'))):
                pass
                t_19.extend((
                    '; its error band, ',
                    escape(environment.finalize(t_9(environment.getattr(environment.getattr(l_1_found, 'tokens'), 'low_per_character')))),
                    ' to ',
                    escape(environment.finalize(t_9(environment.getattr(environment.getattr(l_1_found, 'tokens'), 'high_per_character')))),
                    ' tokens a character, makes ',
                    escape(environment.finalize(t_9(environment.getattr(environment.getattr(l_1_found, 'tokens'), 'low')))),
                    ' to ',
                    escape(environment.finalize(t_9(environment.getattr(environment.getattr(l_1_found, 'tokens'), 'high')))),
                    ' in all',
                ))
            t_19.append(
                '.</p>\n',
            )
        t_19.extend((
            escape(environment.finalize(context.call((undefined(name='charts') if l_0_charts is missing else l_0_charts), environment.getattr(l_1_found, 'histograms')))),
            '\n',
        ))
        return concat(t_19)
    context.exported_vars.add('lengths')
    context.vars['lengths'] = l_0_lengths = Macro(environment, macro, 'lengths', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_name, l_1_values):
        t_20 = []
        if l_1_name is missing:
            l_1_name = undefined("parameter 'name' was not provided", name='name')
        if l_1_values is missing:
            l_1_values = undefined("parameter 'values' was not provided", name='values')
        pass
        if ((not t_12(environment.getattr(l_1_values, 'total'))) or (not t_12(environment.getattr(l_1_values, 'input')))):
            pass
            t_20.extend((
                '<tr><th scope="row">',
                escape(environment.finalize(l_1_name)),
                '</th>\n',
            ))
            for l_2_side in ('input', 'output', 'total'):
                _loop_vars = {}
                pass
                t_20.append(
                    '<td>',
                )
                if (not t_12(environment.getitem(l_1_values, l_2_side))):
                    pass
                    t_20.append(
                        escape(environment.finalize(t_9(environment.getitem(l_1_values, l_2_side)))),
                    )
                t_20.append(
                    '</td>\n',
                )
            l_2_side = missing
            t_20.append(
                '</tr>\n',
            )
        return concat(t_20)
    context.exported_vars.add('length_row')
    context.vars['length_row'] = l_0_length_row = Macro(environment, macro, 'length_row', ('name', 'values'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_by_side):
        t_21 = []
        if l_1_by_side is missing:
            l_1_by_side = undefined("parameter 'by_side' was not provided", name='by_side')
        pass
        l_2_loop = missing
        for l_2_chart, l_2_loop in LoopContext(t_4(l_1_by_side), undefined):
            _loop_vars = {}
            pass
            if environment.getattr(l_2_loop, 'first'):
                pass
                t_21.append(
                    '<div class="pair">',
                )
            t_21.extend((
                '<figure>\n<figcaption><strong>',
                escape(environment.finalize(environment.getattr(l_2_chart, 'title'))),
                '</strong>, examples by characters</figcaption>\n<svg class="chart" viewBox="0 0 360 190" role="img" aria-label="',
                escape(environment.finalize(environment.getattr(l_2_chart, 'description'))),
                '">\n<line x1="10" y1="162" x2="346" y2="162"/>\n',
            ))
            for l_3_bar in environment.getattr(l_2_chart, 'bars'):
                _loop_vars = {}
                pass
                t_21.extend((
                    '<rect x="',
                    escape(environment.finalize(environment.getattr(l_3_bar, 'x'))),
                    '" y="',
                    escape(environment.finalize(environment.getattr(l_3_bar, 'y'))),
                    '" width="',
                    escape(environment.finalize(environment.getattr(l_3_bar, 'width'))),
                    '" height="',
                    escape(environment.finalize(environment.getattr(l_3_bar, 'height'))),
                    '" rx="2"/>\n',
                ))
                if environment.getattr(l_3_bar, 'label'):
                    pass
                    t_21.extend((
                        '<text class="count" x="',
                        escape(environment.finalize(environment.getattr(l_3_bar, 'middle'))),
                        '" y="',
                        escape(environment.finalize((environment.getattr(l_3_bar, 'y') - 5))),
                        '" text-anchor="middle">',
                        escape(environment.finalize(environment.getattr(l_3_bar, 'label'))),
                        '</text>',
                    ))
            l_3_bar = missing
            for l_3_mark in environment.getattr(l_2_chart, 'marks'):
                _loop_vars = {}
                pass
                t_21.extend((
                    '<line x1="',
                    escape(environment.finalize(environment.getattr(l_3_mark, 'x'))),
                    '" y1="162" x2="',
                    escape(environment.finalize(environment.getattr(l_3_mark, 'x'))),
                    '" y2="167"/>\n<text x="',
                    escape(environment.finalize(environment.getattr(l_3_mark, 'x'))),
                    '" y="181" text-anchor="middle">',
                    escape(environment.finalize(environment.getattr(l_3_mark, 'label'))),
                    '</text>\n',
                ))
            l_3_mark = missing
            t_21.append(
                '</svg>\n<details class="small"><summary>As a table</summary>\n<table>\n<thead><tr><th scope="col">Characters</th><th scope="col">Examples</th></tr></thead>\n<tbody>\n',
            )
            for l_3_row in environment.getattr(l_2_chart, 'rows'):
                _loop_vars = {}
                pass
                t_21.extend((
                    '<tr><th scope="row">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'lengths'))),
                    '</th><td>',
                    escape(environment.finalize(t_9(environment.getattr(l_3_row, 'examples')))),
                    '</td></tr>\n',
                ))
            l_3_row = missing
            t_21.append(
                '</tbody>\n</table></details>\n</figure>\n',
            )
            if environment.getattr(l_2_loop, 'last'):
                pass
                t_21.append(
                    '</div>',
                )
        l_2_loop = l_2_chart = missing
        return concat(t_21)
    context.exported_vars.add('charts')
    context.vars['charts'] = l_0_charts = Macro(environment, macro, 'charts', ('by_side',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_22 = []
        l_1_most = missing
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        t_22.append(
            '<h3>Fenced code</h3>\n<table class="ranked">\n<thead><tr><th scope="col">Language</th><th scope="col">Blocks</th><td></td></tr></thead>\n<tbody>\n',
        )
        l_1_most = t_8(environment, t_7(context, environment.getattr(l_1_found, 'languages'), attribute='blocks'))
        for l_2_entry in environment.getattr(l_1_found, 'languages'):
            _loop_vars = {}
            pass
            t_22.extend((
                '<tr><th scope="row">',
                escape(environment.finalize(environment.getattr(l_2_entry, 'language'))),
                '</th><td>',
                escape(environment.finalize(t_9(environment.getattr(l_2_entry, 'blocks')))),
                '</td>\n<td><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="',
                escape(environment.finalize(t_10(((100 * environment.getattr(l_2_entry, 'blocks')) / (undefined(name='most') if l_1_most is missing else l_1_most)), 1))),
                '" height="8"/></svg></td></tr>\n',
            ))
        l_2_entry = missing
        t_22.append(
            '</tbody>\n</table>\n',
        )
        if environment.getattr(l_1_found, 'parsed'):
            pass
            t_22.extend((
                '<p class="small soft">',
                escape(environment.finalize(t_3(environment.getattr(l_1_found, 'parsed'), 'block was', 'blocks were'))),
                ' parsed',
            ))
            if environment.getattr(l_1_found, 'unparsable'):
                pass
                t_22.extend((
                    '; ',
                    escape(environment.finalize(t_9(environment.getattr(l_1_found, 'unparsable')))),
                    ' of them ',
                    escape(environment.finalize(('does' if (environment.getattr(l_1_found, 'unparsable') == 1) else 'do'))),
                    ' not parse',
                ))
            else:
                pass
                t_22.append(
                    ', and all of them do',
                )
            t_22.append(
                '.</p>\n',
            )
        return concat(t_22)
    context.exported_vars.add('code')
    context.vars['code'] = l_0_code = Macro(environment, macro, 'code', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_23 = []
        l_1_aside = l_1_rows = l_1_share = l_1_words = missing
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        l_1_aside = (environment.getattr(l_1_found, 'held_out_rows') or environment.getattr(l_1_found, 'evaluation_rows'))
        l_1_rows = (environment.getattr(l_1_found, 'training_rows') + (undefined(name='aside') if l_1_aside is missing else l_1_aside))
        l_1_share = t_10(((100 * (undefined(name='aside') if l_1_aside is missing else l_1_aside)) / (undefined(name='rows') if l_1_rows is missing else l_1_rows)), 2)
        l_1_words = ('held out for evaluation' if environment.getattr(l_1_found, 'held_out_rows') else 'in the evaluation file')
        t_23.extend((
            '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="',
            escape(environment.finalize(t_3(environment.getattr(l_1_found, 'training_rows'), 'row', 'rows'))),
            ' to train on, ',
            escape(environment.finalize(t_9((undefined(name='aside') if l_1_aside is missing else l_1_aside)))),
            ' ',
            escape(environment.finalize((undefined(name='words') if l_1_words is missing else l_1_words))),
            '">\n<rect class="training" width="',
            escape(environment.finalize((100 - (undefined(name='share') if l_1_share is missing else l_1_share)))),
            '" height="10"/>\n<rect class="held" x="',
            escape(environment.finalize((100 - (undefined(name='share') if l_1_share is missing else l_1_share)))),
            '" width="',
            escape(environment.finalize((undefined(name='share') if l_1_share is missing else l_1_share))),
            '" height="10"/>\n</svg>\n<ul class="legend">\n<li class="training"><strong>',
            escape(environment.finalize(t_9(environment.getattr(l_1_found, 'training_rows')))),
            '</strong> to train on</li>\n<li class="held"><strong>',
            escape(environment.finalize(t_9((undefined(name='aside') if l_1_aside is missing else l_1_aside)))),
            '</strong> ',
            escape(environment.finalize((undefined(name='words') if l_1_words is missing else l_1_words))),
        ))
        if environment.getattr(l_1_found, 'held_out_rows'):
            pass
            t_23.extend((
                ', ',
                escape(environment.finalize(t_9(t_10((undefined(name='share') if l_1_share is missing else l_1_share), 1)))),
                ' %',
            ))
        t_23.append(
            '</li>\n</ul>\n<p class="small soft">',
        )
        if (not t_12(environment.getattr(l_1_found, 'asked_share'))):
            pass
            t_23.extend((
                'Asked for: ',
                escape(environment.finalize(t_9(t_10((100 * environment.getattr(l_1_found, 'asked_share')), 1)))),
                ' %. ',
            ))
        if (not t_12(environment.getattr(l_1_found, 'fewest'))):
            pass
            t_23.extend((
                'This base model takes ',
                escape(environment.finalize(t_9(environment.getattr(l_1_found, 'fewest')))),
            ))
            if (not t_12(environment.getattr(l_1_found, 'most'))):
                pass
                t_23.extend((
                    ' to ',
                    escape(environment.finalize(t_9(environment.getattr(l_1_found, 'most')))),
                    ' evaluation rows',
                ))
            else:
                pass
                t_23.append(
                    ' evaluation rows or more',
                )
            t_23.append(
                '. ',
            )
        t_23.extend((
            escape(environment.finalize(('Equal rows are on the same side.' if environment.getattr(l_1_found, 'held_out_rows') else 'No row of the evaluation file is trained on.'))),
            '</p>\n',
        ))
        return concat(t_23)
    context.exported_vars.add('split')
    context.vars['split'] = l_0_split = Macro(environment, macro, 'split', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_check):
        t_24 = []
        if l_1_check is missing:
            l_1_check = undefined("parameter 'check' was not provided", name='check')
        pass
        t_24.extend((
            '<section aria-labelledby="lines"><h2 id="lines">Line by line</h2>\n',
            escape(environment.finalize(context.call((undefined(name='account') if l_0_account is missing else l_0_account), l_1_check))),
            '\n</section>\n',
        ))
        if environment.getattr(l_1_check, 'findings'):
            pass
            t_24.extend((
                '<section aria-labelledby="findings"><h2 id="findings">Findings</h2>\n',
                escape(environment.finalize(context.call((undefined(name='findings') if l_0_findings is missing else l_0_findings), environment.getattr(l_1_check, 'findings')))),
                '\n</section>\n',
            ))
        if environment.getattr(l_1_check, 'statistics'):
            pass
            t_24.extend((
                '<section aria-labelledby="statistics"><h2 id="statistics">What is in it</h2>\n',
                escape(environment.finalize(context.call((undefined(name='statistics') if l_0_statistics is missing else l_0_statistics), environment.getattr(l_1_check, 'statistics')))),
                '\n',
            ))
            if (not t_12(environment.getattr(environment.getattr(environment.getattr(l_1_check, 'statistics'), 'characters'), 'total'))):
                pass
                t_24.append(
                    escape(environment.finalize(context.call((undefined(name='lengths') if l_0_lengths is missing else l_0_lengths), environment.getattr(l_1_check, 'statistics')))),
                )
            if environment.getattr(environment.getattr(l_1_check, 'statistics'), 'code'):
                pass
                t_24.append(
                    escape(environment.finalize(context.call((undefined(name='code') if l_0_code is missing else l_0_code), environment.getattr(environment.getattr(l_1_check, 'statistics'), 'code')))),
                )
            t_24.append(
                '</section>\n',
            )
        if environment.getattr(l_1_check, 'split'):
            pass
            t_24.extend((
                '<section aria-labelledby="split"><h2 id="split">Split</h2>\n',
                escape(environment.finalize(context.call((undefined(name='split') if l_0_split is missing else l_0_split), environment.getattr(l_1_check, 'split')))),
                '\n</section>\n',
            ))
        return concat(t_24)
    context.exported_vars.add('sections')
    context.vars['sections'] = l_0_sections = Macro(environment, macro, 'sections', ('check',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_check):
        t_25 = []
        if l_1_check is missing:
            l_1_check = undefined("parameter 'check' was not provided", name='check')
        pass
        t_25.extend((
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Format', environment.getattr(l_1_check, 'format')))),
            '\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Base model whose limits hold', environment.getattr(l_1_check, 'base_model')))),
            '\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'SHA-256 of the file', environment.getattr(l_1_check, 'digest')))),
            '\n',
        ))
        return concat(t_25)
    context.exported_vars.add('facts')
    context.vars['facts'] = l_0_facts = Macro(environment, macro, 'facts', ('check',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '1=84&3=87&6=97&7=102&8=107&9=112&10=117&15=130&16=136&17=139&18=148&19=153&23=163&24=165&25=167&26=169&28=171&31=186&32=191&33=196&34=206&35=222&37=227&38=229&40=231&41=234&42=260&50=272&51=277&53=282&54=286&55=288&56=292&57=295&58=299&59=302&61=320&65=327&66=334&67=338&71=347&73=354&74=356&75=358&76=360&77=362&78=364&79=366&80=368&84=375&89=382&90=384&91=386&92=388&93=390&96=393&97=397&99=416&102=423&103=430&104=434&105=437&106=443&112=459&113=465&114=468&116=475&117=477&119=480&120=485&121=494&123=506&124=511&125=515&132=524&133=529&138=538&142=548&147=557&148=558&149=563&150=567&154=574&155=578&159=602&160=608&161=609&162=610&163=611&164=614&165=620&166=622&169=626&170=628&172=642&173=649&174=671&177=678&179=685&181=688&183=692&186=695&188=699&189=702&190=707&193=715&195=719&200=726&201=732&202=734&203=736'
