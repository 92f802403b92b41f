from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'curve_parts.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_curves = missing
    try:
        t_1 = environment.filters['curve_charts']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'curve_charts' found.")
    try:
        t_2 = environment.filters['format']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'format' found.")
    try:
        t_3 = environment.filters['number']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'number' found.")
    try:
        t_4 = environment.tests['none']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No test named 'none' found.")
    pass
    def macro(l_1_found):
        t_5 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        if l_1_found:
            pass
            t_5.append(
                '<section aria-labelledby="curves"><h2 id="curves">How the training went</h2>\n',
            )
            if environment.getattr(l_1_found, 'best'):
                pass
                t_5.extend((
                    '<p>The evaluation was best at step <strong>',
                    escape(environment.finalize(t_3(environment.getattr(environment.getattr(l_1_found, 'best'), 'step')))),
                    '</strong>, with a loss of ',
                    escape(environment.finalize(t_2('%.4g', environment.getattr(environment.getattr(l_1_found, 'best'), 'loss')))),
                    '.',
                ))
                if (environment.getattr(environment.getattr(l_1_found, 'best'), 'last_step') > environment.getattr(environment.getattr(l_1_found, 'best'), 'step')):
                    pass
                    t_5.extend((
                        ' At step ',
                        escape(environment.finalize(t_3(environment.getattr(environment.getattr(l_1_found, 'best'), 'last_step')))),
                        ', the last one, it was ',
                        escape(environment.finalize(t_2('%.4g', environment.getattr(environment.getattr(l_1_found, 'best'), 'last_loss')))),
                    ))
                    if (environment.getattr(environment.getattr(l_1_found, 'best'), 'last_loss') > environment.getattr(environment.getattr(l_1_found, 'best'), 'loss')):
                        pass
                        t_5.append(
                            ': fewer steps may be enough',
                        )
                    t_5.append(
                        '.',
                    )
                t_5.append(
                    '</p>\n',
                )
            l_2_loop = missing
            for l_2_chart, l_2_loop in LoopContext(t_1(l_1_found), undefined):
                _loop_vars = {}
                pass
                if environment.getattr(l_2_loop, 'first'):
                    pass
                    t_5.append(
                        '<div class="pair">',
                    )
                t_5.extend((
                    '<figure>\n<figcaption><strong>',
                    escape(environment.finalize(environment.getattr(l_2_chart, 'title'))),
                    '</strong> by step</figcaption>\n<svg class="chart curve" viewBox="0 0 360 220" role="img" aria-label="',
                    escape(environment.finalize(environment.getattr(l_2_chart, 'description'))),
                    '">\n',
                ))
                for l_3_mark in environment.getattr(l_2_chart, 'y_marks'):
                    _loop_vars = {}
                    pass
                    t_5.extend((
                        '<line x1="46" y1="',
                        escape(environment.finalize(environment.getattr(l_3_mark, 'y'))),
                        '" x2="346" y2="',
                        escape(environment.finalize(environment.getattr(l_3_mark, 'y'))),
                        '"/>\n<text x="40" y="',
                        escape(environment.finalize((environment.getattr(l_3_mark, 'y') + 4))),
                        '" text-anchor="end">',
                        escape(environment.finalize(environment.getattr(l_3_mark, 'label'))),
                        '</text>\n',
                    ))
                l_3_mark = missing
                for l_3_mark in environment.getattr(l_2_chart, 'x_marks'):
                    _loop_vars = {}
                    pass
                    t_5.extend((
                        '<line x1="',
                        escape(environment.finalize(environment.getattr(l_3_mark, 'x'))),
                        '" y1="176" x2="',
                        escape(environment.finalize(environment.getattr(l_3_mark, 'x'))),
                        '" y2="181"/>\n<text x="',
                        escape(environment.finalize(environment.getattr(l_3_mark, 'x'))),
                        '" y="195" text-anchor="middle">',
                        escape(environment.finalize(environment.getattr(l_3_mark, 'label'))),
                        '</text>\n',
                    ))
                l_3_mark = missing
                t_5.append(
                    '<text x="196" y="213" text-anchor="middle">training step</text>\n',
                )
                if environment.getattr(l_2_chart, 'best'):
                    pass
                    t_5.extend((
                        '<line class="best" x1="',
                        escape(environment.finalize(environment.getattr(environment.getattr(l_2_chart, 'best'), 'x'))),
                        '" y1="18" x2="',
                        escape(environment.finalize(environment.getattr(environment.getattr(l_2_chart, 'best'), 'x'))),
                        '" y2="176"/>\n<text class="count" x="',
                        escape(environment.finalize(environment.getattr(environment.getattr(l_2_chart, 'best'), 'x'))),
                        '" y="12" text-anchor="',
                        escape(environment.finalize(environment.getattr(environment.getattr(l_2_chart, 'best'), 'anchor'))),
                        '">',
                        escape(environment.finalize(environment.getattr(environment.getattr(l_2_chart, 'best'), 'label'))),
                        '</text>\n',
                    ))
                for l_3_line in environment.getattr(l_2_chart, 'lines'):
                    _loop_vars = {}
                    pass
                    t_5.extend((
                        '<polyline class="',
                        escape(environment.finalize(environment.getattr(l_3_line, 'kind'))),
                        '" points="',
                        escape(environment.finalize(environment.getattr(l_3_line, 'points'))),
                        '"/>\n',
                    ))
                    for l_4_dot in environment.getattr(l_3_line, 'dots'):
                        _loop_vars = {}
                        pass
                        t_5.extend((
                            '<circle class="',
                            escape(environment.finalize(environment.getattr(l_3_line, 'kind'))),
                            '" cx="',
                            escape(environment.finalize(environment.getattr(l_4_dot, 'x'))),
                            '" cy="',
                            escape(environment.finalize(environment.getattr(l_4_dot, 'y'))),
                            '" r="2.5"/>',
                        ))
                    l_4_dot = missing
                    t_5.append(
                        '\n',
                    )
                l_3_line = missing
                t_5.append(
                    '</svg>\n<ul class="legend small">\n',
                )
                for l_3_line in environment.getattr(l_2_chart, 'lines'):
                    _loop_vars = {}
                    pass
                    t_5.extend((
                        '<li class="',
                        escape(environment.finalize(environment.getattr(l_3_line, 'kind'))),
                        '">',
                        escape(environment.finalize(environment.getattr(l_3_line, 'kind'))),
                        '</li>',
                    ))
                l_3_line = missing
                t_5.append(
                    '\n</ul>\n<details class="small"><summary>As a table</summary>\n<table>\n<thead><tr><th scope="col">Step</th><th scope="col">Training</th><th scope="col">Evaluation</th></tr></thead>\n<tbody>\n',
                )
                for l_3_row in environment.getattr(l_2_chart, 'rows'):
                    _loop_vars = {}
                    pass
                    t_5.extend((
                        '<tr><th scope="row">',
                        escape(environment.finalize(t_3(environment.getattr(l_3_row, 'step')))),
                    ))
                    if environment.getattr(l_3_row, 'is_best'):
                        pass
                        t_5.append(
                            ' (best evaluation)',
                        )
                    t_5.extend((
                        '</th><td>',
                        escape(environment.finalize(environment.getattr(l_3_row, 'training'))),
                        '</td><td>',
                        escape(environment.finalize(environment.getattr(l_3_row, 'evaluation'))),
                        '</td></tr>\n',
                    ))
                l_3_row = missing
                t_5.append(
                    '</tbody>\n</table></details>\n</figure>\n',
                )
                if environment.getattr(l_2_loop, 'last'):
                    pass
                    t_5.append(
                        '</div>',
                    )
            l_2_loop = l_2_chart = missing
            t_5.append(
                '<table>\n<caption class="small soft">At the end of the training</caption>\n<thead><tr><td></td><th scope="col">Training</th><th scope="col">Evaluation</th></tr></thead>\n<tbody>\n',
            )
            for l_2_row in environment.getattr(l_1_found, 'last'):
                _loop_vars = {}
                pass
                t_5.extend((
                    '<tr><th scope="row">',
                    escape(environment.finalize(environment.getattr(l_2_row, 'name'))),
                    '</th><td>',
                ))
                if (not t_4(environment.getattr(l_2_row, 'training'))):
                    pass
                    t_5.append(
                        escape(environment.finalize(t_2('%.4g', environment.getattr(l_2_row, 'training')))),
                    )
                t_5.append(
                    '</td><td>',
                )
                if (not t_4(environment.getattr(l_2_row, 'evaluation'))):
                    pass
                    t_5.append(
                        escape(environment.finalize(t_2('%.4g', environment.getattr(l_2_row, 'evaluation')))),
                    )
                t_5.append(
                    '</td></tr>\n',
                )
            l_2_row = missing
            t_5.append(
                '</tbody>\n</table>\n</section>\n',
            )
        return concat(t_5)
    context.exported_vars.add('curves')
    context.vars['curves'] = l_0_curves = Macro(environment, macro, 'curves', ('found',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '1=36&2=41&4=46&5=50&6=55&8=75&9=78&11=85&12=87&13=90&14=95&15=99&17=105&18=110&19=114&22=123&23=127&24=131&26=138&27=143&28=148&33=168&40=182&41=187&46=205&52=214&53=219'
