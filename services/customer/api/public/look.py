"""Style and script of public pages. They stand in the page itself, and the page's policy names their digests."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--ink:#18221d;--quiet:#5f6c64;--line:#cdd5ce;--ground:#fff;--own:#1b6b4e;--on:#fff;
--bad:#b3261e;--soft:#fbeae8}
@media(prefers-color-scheme:dark){:root{--ink:#e8eee9;--quiet:#a3b0a7;--line:#45524a;--ground:#171d19;--own:#5fb793;
--on:#0d1410;--bad:#ff8a80;--soft:#3a1f1d}}
*{box-sizing:border-box}[hidden]{display:none!important}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 -apple-system,BlinkMacSystemFont,"Segoe UI",
Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:720px;margin:0 auto;padding:28px 20px 40px}
header{display:flex;align-items:flex-start;justify-content:space-between;gap:16px;margin-bottom:18px}
h1{margin:0 0 4px;font-size:26px;line-height:1.25}h2{margin:26px 0 8px;font-size:17px}
p{margin:0 0 12px}a{color:var(--own)}.quiet,.help{color:var(--quiet)}.help{margin:4px 0 0;font-size:14px}
nav{white-space:nowrap}nav a,nav b{margin-left:10px;font-size:14px;font-weight:400}nav b{color:var(--quiet)}
fieldset{margin:0;padding:0;border:0}.grid{display:grid;grid-template-columns:1fr 1fr;gap:14px 18px}
.one{grid-template-columns:1fr}.full{grid-column:1/-1}
label,legend{display:block;margin-bottom:5px;padding:0;font-size:15px}label.tick{display:flex;gap:9px;margin:3px 0}
label.tick input{flex:none;width:20px;height:20px;margin:2px 0 0}
.must{color:var(--bad)}
input:not([type=checkbox]),select,textarea{width:100%;min-height:44px;padding:9px 12px;border:1px solid var(--line);
border-radius:8px;background:var(--ground);color:inherit;font:inherit}textarea{min-height:110px;resize:vertical}
:focus-visible{outline:2px solid var(--own);outline-offset:1px}
[aria-invalid=true]{border-color:var(--bad)!important}.wrong{margin:4px 0 0;color:var(--bad);font-size:14px}
.alert{margin:14px 0;padding:11px 14px;border-radius:8px;background:var(--soft);color:var(--bad)}
button{min-height:46px;margin-top:22px;padding:10px 26px;border:0;border-radius:8px;background:var(--own);
color:var(--on);font:inherit;font-weight:600;cursor:pointer}button:disabled{opacity:.6;cursor:wait}
.scale{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}.scale label{position:relative;margin:0}
.scale input{position:absolute;opacity:0;width:100%;height:100%;min-height:0;margin:0;cursor:pointer}
.scale span{display:block;min-width:46px;padding:10px 0;border:1px solid var(--line);border-radius:8px;
text-align:center}
.scale input:checked+span{border-color:var(--own);background:var(--own);color:var(--on);font-weight:600}
.scale input:focus-visible+span{outline:2px solid var(--own);outline-offset:2px}
.sum{display:flex;align-items:center;gap:14px;flex-wrap:wrap}.sum input{max-width:120px}
.xf{position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden}
@media(max-width:560px){main{padding:20px 16px 32px}.grid{grid-template-columns:1fr}
h1{font-size:23px}button{width:100%}}
"""

# First: looks for a number whose SHA-256 (FIPS 180-4) begins with zero bits; see model.web_forms.riddles. Then: asks
# what the form shows and demands whenever a field changes on which that depends; the server judges again what is sent.
# Last: who has typed something takes it along into the other language.
SCRIPT = """
(function(){
var form=document.querySelector('form[data-bits]');if(!form)return;
var K=[],H0=[],found=null,waiting=false,next=0;
(function(){var p=2,n=0;function frac(x){return((x-Math.floor(x))*4294967296)|0}
while(n<64){
for(var prime=true,d=2;d*d<=p;d++)if(p%d===0){prime=false;break}
if(prime){if(n<8)H0[n]=frac(Math.sqrt(p));K[n++]=frac(Math.cbrt(p))}p++}})();
function first(text){var m=[],i,l=text.length,w=[],h=H0.slice(),b;
for(i=0;i<l;i++)m[i>>2]|=text.charCodeAt(i)<<(24-(i%4)*8);
m[l>>2]|=128<<(24-(l%4)*8);var blocks=((l+8)>>6)+1;m[blocks*16-1]=l*8;
for(b=0;b<blocks;b++){var v=h.slice();
for(i=0;i<64;i++){if(i<16)w[i]=m[b*16+i]|0;else{var x=w[i-15],y=w[i-2];
w[i]=(w[i-16]+w[i-7]+((x>>>7|x<<25)^(x>>>18|x<<14)^(x>>>3))+((y>>>17|y<<15)^(y>>>19|y<<13)^(y>>>10)))|0}
var e=v[4],a=v[0];
var t1=(v[7]+((e>>>6|e<<26)^(e>>>11|e<<21)^(e>>>25|e<<7))+((e&v[5])^(~e&v[6]))+K[i]+w[i])|0;
var t2=(((a>>>2|a<<30)^(a>>>13|a<<19)^(a>>>22|a<<10))+((a&v[1])^(a&v[2])^(v[1]&v[2])))|0;
v=[(t1+t2)|0,a,v[1],v[2],(v[3]+t1)|0,e,v[5],v[6]]}
for(i=0;i<8;i++)h[i]=(h[i]+v[i])|0}
return h[0]>>>0}
var bits=+form.getAttribute('data-bits'),nonce=form.getAttribute('data-nonce');
function work(){var end=Date.now()+25;
while(Date.now()<end)for(var i=0;i<40;i++,next++)
if(first(nonce+':'+next)>>>(32-bits)===0){found=String(next);form.querySelector('[name=_found]').value=found;
if(waiting)HTMLFormElement.prototype.submit.call(form);return}
setTimeout(work,0)}
form.addEventListener('submit',function(event){var button=form.querySelector('button');
if(waiting){event.preventDefault();return}
if(found===null){event.preventDefault();waiting=true;button.disabled=true;button.textContent=form.getAttribute('data-wait')}});
setTimeout(work,200);
})();
(function(){
var form=document.querySelector('form[data-live]');if(!form||!window.fetch||!window.URLSearchParams)return;
var deciding=form.getAttribute('data-live').split(' '),asked=0;
function each(of,what,act){Array.prototype.forEach.call(of.querySelectorAll(what),act)}
function put(said){
each(form,'[data-part]',function(part){var name=part.getAttribute('data-part');
part.hidden=said.hidden.indexOf(name)>=0;
if(/^[0-9]/.test(name))return;
var must=said.required.indexOf(name)>=0,off=part.hidden||part.parentNode.parentNode.hidden;
each(part,'.must',function(star){star.hidden=!must});
each(part,'input,select,textarea',function(input){input.disabled=off;
input.required=must&&part.tagName!=='FIELDSET'})})}
form.addEventListener('change',function(event){
if(deciding.indexOf(event.target.name)<0)return;
var mine=++asked;
fetch(form.getAttribute('data-ask'),{method:'POST',credentials:'omit',body:new URLSearchParams(new FormData(form))})
.then(function(answer){return answer.ok?answer.json():null})
.then(function(said){if(said&&mine===asked)put(said)},function(){})});
})();
(function(){
var form=document.querySelector('form'),all=Array.prototype;if(!form)return;
function isFilled(input){var kind=input.type;
return kind!=='hidden'&&(kind==='checkbox'||kind==='radio'?input.checked:input.value!=='')}
all.forEach.call(document.querySelectorAll('nav a'),function(link){
link.addEventListener('click',function(event){
if(event.ctrlKey||event.metaKey||event.shiftKey||!all.some.call(form.querySelectorAll('input,select,textarea'),isFilled))
return;
event.preventDefault();
var note=document.createElement('input'),own=form.getAttribute('action');
note.type='hidden';note.name='_language';note.value='1';
form.appendChild(note);form.setAttribute('action',link.getAttribute('href'));
HTMLFormElement.prototype.submit.call(form);
form.removeChild(note);form.setAttribute('action',own)})});
})();
"""


def digest(text: str) -> str:
    """How a policy names an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


STYLE_DIGEST, SCRIPT_DIGEST = digest(STYLE), digest(SCRIPT)
