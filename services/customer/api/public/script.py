"""The script of public forms. It stands in the page itself, and the page's policy names its digest."""

from __future__ import annotations

from chassis.http.public_page import digest

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

SCRIPT_DIGEST = digest(SCRIPT)
