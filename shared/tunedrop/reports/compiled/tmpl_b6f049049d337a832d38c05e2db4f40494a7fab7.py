from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'run_parts.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_parts = l_0_champion = l_0_evaluated = l_0_answers = l_0_billed = l_0_row_notes = l_0_lineage = missing
    try:
        t_1 = environment.filters['counted']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'counted' found.")
    try:
        t_2 = environment.filters['format']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'format' found.")
    try:
        t_3 = environment.filters['join']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'join' found.")
    try:
        t_4 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    try:
        t_5 = environment.filters['lower']
    except KeyError:
        @internalcode
        def t_5(*unused):
            raise TemplateRuntimeError("No filter named 'lower' found.")
    try:
        t_6 = environment.filters['number']
    except KeyError:
        @internalcode
        def t_6(*unused):
            raise TemplateRuntimeError("No filter named 'number' found.")
    try:
        t_7 = environment.filters['usd']
    except KeyError:
        @internalcode
        def t_7(*unused):
            raise TemplateRuntimeError("No filter named 'usd' found.")
    try:
        t_8 = environment.tests['none']
    except KeyError:
        @internalcode
        def t_8(*unused):
            raise TemplateRuntimeError("No test named 'none' found.")
    pass
    l_0_parts = context.vars['parts'] = environment.get_template('parts.html.j2', 'run_parts.html.j2')._get_default_module(context)
    context.exported_vars.discard('parts')
    yield '\n'
    def macro(l_1_found):
        t_9 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        if environment.getattr(l_1_found, 'is_this'):
            pass
            t_9.extend((
                '<p class="small soft">Champion since ',
                escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'time'), environment.getattr(l_1_found, 'since')))),
                '. ',
                escape(environment.finalize(environment.getattr(l_1_found, 'why'))),
            ))
            if environment.getattr(l_1_found, 'reason'):
                pass
                t_9.extend((
                    ' Reason given: ',
                    escape(environment.finalize(environment.getattr(l_1_found, 'reason'))),
                    '.',
                ))
            if environment.getattr(l_1_found, 'claimed_by'):
                pass
                t_9.extend((
                    ' Claimed by ',
                    escape(environment.finalize(environment.getattr(l_1_found, 'claimed_by'))),
                    '.',
                ))
            t_9.append(
                '</p>\n',
            )
        else:
            pass
            t_9.append(
                '<p>',
            )
            if environment.getattr(l_1_found, 'was_this'):
                pass
                t_9.append(
                    'It was the champion. ',
                )
            t_9.extend((
                'The recipe\'s champion is <a href="',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_found, 'report'), 'link'))),
                '">version ',
                escape(environment.finalize(t_6(environment.getattr(l_1_found, 'version')))),
                '</a>, since ',
                escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'time'), environment.getattr(l_1_found, 'since')))),
            ))
            if (environment.getattr(l_1_found, 'action') == 'rolled_back'):
                pass
                t_9.append(
                    ', by a roll-back',
                )
            t_9.append(
                '.',
            )
            if environment.getattr(l_1_found, 'reason'):
                pass
                t_9.extend((
                    ' Reason given: ',
                    escape(environment.finalize(environment.getattr(l_1_found, 'reason'))),
                    '.',
                ))
            if environment.getattr(l_1_found, 'claimed_by'):
                pass
                t_9.extend((
                    ' Claimed by ',
                    escape(environment.finalize(environment.getattr(l_1_found, 'claimed_by'))),
                    '.',
                ))
            t_9.append(
                '</p>\n',
            )
        return concat(t_9)
    context.exported_vars.add('champion')
    context.vars['champion'] = l_0_champion = Macro(environment, macro, 'champion', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_10 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        for l_2_each in environment.getattr(l_1_found, 'comparisons'):
            _loop_vars = {}
            pass
            t_10.extend((
                '<p><span class="tag ',
                escape(environment.finalize(environment.getattr(l_2_each, 'tone'))),
                '">',
                escape(environment.finalize(environment.getattr(l_2_each, 'words'))),
                '</span> Against the ',
                escape(environment.finalize(('base model' if (environment.getattr(l_2_each, 'rival') == 'base') else 'champion'))),
            ))
            if ((environment.getattr(l_2_each, 'rival') == 'champion') and (not t_8(environment.getattr(l_1_found, 'champion_version')))):
                pass
                t_10.extend((
                    ' of then, version ',
                    escape(environment.finalize(t_6(environment.getattr(l_1_found, 'champion_version')))),
                ))
            t_10.extend((
                ': <strong>',
                escape(environment.finalize(t_2('%+.1f', environment.getattr(l_2_each, 'difference')))),
                ' points of ',
                escape(environment.finalize(environment.getattr(l_2_each, 'metric'))),
                '</strong>, most likely between ',
                escape(environment.finalize(t_2('%+.1f', environment.getattr(l_2_each, 'low')))),
                ' and ',
                escape(environment.finalize(t_2('%+.1f', environment.getattr(l_2_each, 'high')))),
                '; up to ',
                escape(environment.finalize(t_2('%.1f', environment.getattr(l_2_each, 'noise_floor')))),
                ' either way would be noise.',
            ))
            if environment.getattr(l_2_each, 'worse_in'):
                pass
                t_10.extend((
                    ' It got worse in: ',
                    escape(environment.finalize(t_5(t_3(context.eval_ctx, environment.getattr(l_2_each, 'worse_in'), ', ')))),
                    '.',
                ))
            t_10.append(
                '</p>\n',
            )
        l_2_each = missing
        t_10.extend((
            '<table class="scores">\n<thead><tr><th scope="col">Mean of ',
            escape(environment.finalize(t_1(environment.getattr(l_1_found, 'rows'), 'row', 'rows'))),
            '</th>\n',
        ))
        for l_2_model in environment.getattr(l_1_found, 'models'):
            _loop_vars = {}
            pass
            t_10.extend((
                '<th scope="col">',
                escape(environment.finalize(environment.getattr(l_2_model, 'title'))),
                '</th>\n',
            ))
        l_2_model = missing
        t_10.append(
            '</tr></thead>\n<tbody>\n',
        )
        for l_2_metric in environment.getattr(l_1_found, 'metrics'):
            _loop_vars = {}
            pass
            t_10.extend((
                '<tr><th scope="row">',
                escape(environment.finalize(environment.getattr(l_2_metric, 'title'))),
                '</th>\n',
            ))
            for l_3_value in environment.getitem(l_2_metric, 'values'):
                _loop_vars = {}
                pass
                t_10.append(
                    '<td>',
                )
                if (not t_8(l_3_value)):
                    pass
                    t_10.append(
                        escape(environment.finalize(t_2('%.1f', l_3_value))),
                    )
                t_10.append(
                    '</td>\n',
                )
            l_3_value = missing
            t_10.append(
                '</tr>\n',
            )
        l_2_metric = missing
        t_10.append(
            '</tbody>\n</table>\n<p class="small soft">Points of 100, on held-out rows that the model was not trained on; intervals hold 95 % of many resamples of the rows.',
        )
        if (not t_8(environment.getattr(l_1_found, 'calls'))):
            pass
            t_10.extend((
                ' It took ',
                escape(environment.finalize(t_1(environment.getattr(l_1_found, 'calls'), 'call', 'calls'))),
            ))
            if (not t_8(environment.getattr(l_1_found, 'estimated_usd'))):
                pass
                t_10.extend((
                    ', estimated at ',
                    escape(environment.finalize(t_7(environment.getattr(l_1_found, 'estimated_usd')))),
                ))
            t_10.append(
                '.',
            )
        t_10.append(
            '</p>\n',
        )
        for l_2_each in environment.getattr(l_1_found, 'skipped'):
            _loop_vars = {}
            pass
            t_10.extend((
                '<p class="small">',
                escape(environment.finalize(environment.getattr(l_2_each, 'model'))),
                ' was not asked: ',
                escape(environment.finalize((environment.getattr(l_2_each, 'reason') or environment.getattr(l_2_each, 'code')))),
                ' (<code>',
                escape(environment.finalize(environment.getattr(l_2_each, 'code'))),
                '</code>).</p>\n',
            ))
        l_2_each = missing
        return concat(t_10)
    context.exported_vars.add('evaluated')
    context.vars['evaluated'] = l_0_evaluated = Macro(environment, macro, 'evaluated', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_questions):
        t_11 = []
        if l_1_questions is missing:
            l_1_questions = undefined("parameter 'questions' was not provided", name='questions')
        pass
        t_11.extend((
            '<p class="small soft">The first ',
            escape(environment.finalize(t_1(t_4(l_1_questions), 'question', 'questions'))),
            ' of the evaluation; long texts are cut.</p>\n',
        ))
        l_2_loop = missing
        for l_2_each, l_2_loop in LoopContext(l_1_questions, undefined):
            _loop_vars = {}
            pass
            t_11.extend((
                '<div class="asked">\n<h3>Question ',
                escape(environment.finalize(environment.getattr(l_2_loop, 'index'))),
                '</h3>\n<pre class="wrap tall" tabindex="0" dir="auto"><code>',
                escape(environment.finalize(environment.getattr(l_2_each, 'question'))),
                '</code></pre>\n<h4>Answer in the dataset</h4>\n<pre class="wrap tall" tabindex="0" dir="auto"><code>',
                escape(environment.finalize(environment.getattr(l_2_each, 'expected'))),
                '</code></pre>\n<div class="trio">\n',
            ))
            for l_3_answer in environment.getattr(l_2_each, 'answers'):
                _loop_vars = {}
                pass
                t_11.extend((
                    '<div><h4>',
                    escape(environment.finalize(environment.getattr(l_3_answer, 'title'))),
                    '</h4>\n',
                ))
                if environment.getattr(l_3_answer, 'code'):
                    pass
                    t_11.extend((
                        '<p class="small">No answer: <code>',
                        escape(environment.finalize(environment.getattr(l_3_answer, 'code'))),
                        '</code></p>\n',
                    ))
                else:
                    pass
                    t_11.extend((
                        '<pre class="wrap tall" tabindex="0" dir="auto"><code>',
                        escape(environment.finalize(environment.getattr(l_3_answer, 'text'))),
                        '</code></pre>\n',
                    ))
                t_11.append(
                    '</div>\n',
                )
            l_3_answer = missing
            t_11.append(
                '</div>\n</div>\n',
            )
        l_2_loop = l_2_each = missing
        return concat(t_11)
    context.exported_vars.add('answers')
    context.vars['answers'] = l_0_answers = Macro(environment, macro, 'answers', ('questions',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_bill):
        t_12 = []
        if l_1_bill is missing:
            l_1_bill = undefined("parameter 'bill' was not provided", name='bill')
        pass
        t_12.extend((
            '<p><strong>',
            escape(environment.finalize(t_7(environment.getattr(l_1_bill, 'usd')))),
            '</strong></p>\n<p class="small soft">',
            escape(environment.finalize(environment.getattr(l_1_bill, 'basis'))),
            '.</p>\n',
        ))
        return concat(t_12)
    context.exported_vars.add('billed')
    context.vars['billed'] = l_0_billed = Macro(environment, macro, 'billed', ('bill',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_notes):
        t_13 = []
        if l_1_notes is missing:
            l_1_notes = undefined("parameter 'notes' was not provided", name='notes')
        pass
        t_13.append(
            '<h3>Rows that the service left out, as far as it names them</h3>\n<table>\n<thead><tr><th scope="col">Your line</th><th scope="col">Row of the job</th><th scope="col" class="wide">What the service says</th></tr></thead>\n<tbody>\n',
        )
        for l_2_note in l_1_notes:
            _loop_vars = {}
            pass
            t_13.extend((
                '<tr><th scope="row">',
                escape(environment.finalize((t_6(environment.getattr(l_2_note, 'line')) if (not t_8(environment.getattr(l_2_note, 'line'))) else 'not known'))),
                '</th><td>',
                escape(environment.finalize(t_6(environment.getattr(l_2_note, 'row')))),
                '</td><td class="wide">',
                escape(environment.finalize((environment.getattr(l_2_note, 'reason') or 'not said'))),
                '</td></tr>\n',
            ))
        l_2_note = missing
        t_13.append(
            '</tbody>\n</table>\n',
        )
        return concat(t_13)
    context.exported_vars.add('row_notes')
    context.vars['row_notes'] = l_0_row_notes = Macro(environment, macro, 'row_notes', ('notes',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_14 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        t_14.extend((
            '<dl class="facts">\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Object and generation', environment.getattr(l_1_found, 'dataset')))),
            '\n<dt>Its check</dt><dd><a href="',
            escape(environment.finalize(environment.getattr(environment.getattr(l_1_found, 'check'), 'link'))),
            '">page about the upload</a></dd>\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Its verdict', environment.getattr(l_1_found, 'verdict')))),
            '\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'SHA-256 of the rows', environment.getattr(l_1_found, 'digest')))),
            '\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Recipe', environment.getattr(l_1_found, 'recipe')))),
            '\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Base model', environment.getattr(l_1_found, 'base_model')))),
            '\n',
        ))
        if environment.getattr(l_1_found, 'pre_tuned_model'):
            pass
            t_14.append(
                escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Tuned on from', environment.getattr(l_1_found, 'pre_tuned_model')))),
            )
        t_14.extend((
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Job', environment.getattr(l_1_found, 'job')))),
            '\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Tuned model', environment.getattr(l_1_found, 'tuned_model')))),
            '\n',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Endpoint', environment.getattr(l_1_found, 'endpoint')))),
            '\n',
        ))
        if (not t_8(environment.getattr(l_1_found, 'version'))):
            pass
            t_14.append(
                escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Version', environment.getattr(l_1_found, 'version')))),
            )
        t_14.extend((
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Evidence', environment.getattr(l_1_found, 'evidence')))),
            '\n</dl>\n<p class="small soft">The same from either end: <code>tunedrop lineage</code> with the endpoint, the model, the run or the object.</p>\n',
        ))
        return concat(t_14)
    context.exported_vars.add('lineage')
    context.vars['lineage'] = l_0_lineage = Macro(environment, macro, 'lineage', ('found',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '1=60&3=63&4=68&5=72&7=98&11=140&12=145&13=150&16=188&17=191&18=196&22=203&23=208&24=211&25=217&31=233&32=251&33=256&37=268&38=275&39=279&41=284&42=286&44=288&46=291&47=296&48=299&49=303&51=310&60=325&61=332&62=334&65=341&70=349&71=354&77=369&79=376&80=378&81=380&82=382&83=384&84=386&85=389&86=395&87=397&88=399&89=402&90=408'
