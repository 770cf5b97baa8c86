/* Afterclick tracker, Apache-2.0 */
"use strict";(()=>{(()=>{let c=window,o=document,d=navigator,I=location,ne=864e5,$=30,D="_ac_q",r=o.currentScript,x=c.afterclick;if(!r||x&&x.site)return;let g=e=>r.getAttribute("d\
ata-"+e),U=g("site")||(/[?&]site=([^&#]*)/.exec(r.src)||[])[1],v=r.ac&&(!U||U==r.ac.site)?r.ac:{},q=U||v.site,E=g("endpoint")||r.src.replace(/[^\/]*([?#].*)?$/,
"e"),z=g("consent")||v.consent,N=z=="wait",y=[],f=[],u,B="",k="",b,S,j=0,M=0,A=1,V=0,F=o.referrer,K=[],p=e=>function(...t){try{return e.apply(this,t)}catch(n){}},
l=(e,t,n)=>e.addEventListener(t,p(n),!0),X=()=>{let e=c.crypto||{};if(e.randomUUID)return e.randomUUID();let t=e.getRandomValues&&e.getRandomValues(new Uint8Array(
16)),n="",i=16;for(;i--;)n+=(256+(t?t[i]:Math.random()*256|0)).toString(16).slice(1);return n},C=()=>v.dnt&&d.doNotTrack=="1"||/_ac_out=1/.test(o.cookie)||u&&u.
analytics_storage=="denied",Y=()=>!N&&!C(),G=()=>{let e=t=>t.filter(n=>Date.now()-n.time<ne);try{return e(JSON.parse(localStorage.getItem(D))||f)}catch(t){return e(
f)}},w=(e,t)=>{let n=e.map(i=>i.event_id);f=G().filter(i=>!n.includes(i.event_id)),t&&(f=f.concat(e).slice(-$));try{f.length&&Y()?localStorage.setItem(D,JSON.stringify(
f)):localStorage.removeItem(D)}catch(i){}},H=(e,t)=>{j=0,w(e,t),t?setTimeout(Q,Math.min(6e4,1e3*2**V++)):m(V=0)},Q=()=>{A=1,m()},m=p(e=>{if(clearTimeout(b),b=0,
N||j&&!e)return;A&&(y=G().concat(y)),A=0;let t=[],n=0;for(;y.length&&n<2e4;){let s=y.shift();!s.sent_at&&s.url==I.href&&(s.title=W()),s.sent_at=Date.now(),s.consent||
(s.consent=u),n+=JSON.stringify(s).length,t.push(s)}if(!t.length)return;let i=JSON.stringify({events:t}).replace(/\\ud[89a-f]../gi,"\\ufffd");e&&w(t,1),(e||!c.fetch)&&
d.sendBeacon&&d.onLine!==!1&&d.sendBeacon(E,i)?w(t):c.fetch?(j=1,c.fetch(E,{method:"POST",body:i,credentials:"include",keepalive:n<2e4,headers:{"Content-Type":"\
text/plain"}}).then(s=>H(t,s.status>499||s.status==429),()=>H(t,1))):d.onLine!==!1&&(t.forEach(s=>{new Image().src=E.replace(/[^\/]*$/,"p?")+Object.keys(s).filter(
_=>s[_]!=null).map(_=>_+"="+encodeURIComponent(typeof s[_]=="object"?JSON.stringify(s[_]):s[_])).join("&")}),w(t)),y.length&&m(e)}),W=()=>o.title.slice(0,170),a=(e,t)=>{
let n={type:e,site:q,event_id:X(),time:Date.now(),url:I.href.slice(0,2048),referrer:F.slice(0,2048),title:W(),language:d.language,screen:screen.width+"x"+screen.
height,user_id:B||void 0};d.globalPrivacyControl&&(n.gpc=1);for(let i in t)t[i]!=null&&(n[i]=t[i]);typeof n.value=="number"&&(n.value=""+ +n.value.toFixed(6)),y.
push(JSON.parse(JSON.stringify(n))),b=b||setTimeout(m,50)},h=(e,t)=>{let n={};return t.split(" ").forEach(i=>{n[i]=(e||{})[i]}),n},Z=e=>e.replace(/([?&])_ac_x=[^&#]*(&?)/,
(t,n,i)=>i&&n),ee=()=>Z(I.href).replace(/#(?![!\/]).*/,""),J=()=>{k=ee(),a("page")},L=()=>{k&&k!=ee()&&(F=k,J())},T="event_id value currency order_id items new_\
customer props ",O={page:J,conversion:e=>a("conversion",h(e,T+"goal")),purchase:e=>a("conversion",h(e,T)),refund:e=>a("refund",h(e,T+"refund_id")),event:(e,t,n)=>a(
"event",{...h(n,T),name:e,props:t}),exposure:e=>a("exposure",h(e,"experiment variant")),identify:e=>{B=""+e,a("identify")},consent:e=>{u={...u,...JSON.parse(JSON.
stringify(h(e,"ad_storage analytics_storage ad_user_data ad_personalization")))},N=!1,w([]),a("consent",{consent:u,tc:e.tc}),C()&&/_ac_m/.test(o.cookie)&&P()}};
"view cart checkout signup newsletter form download".split(" ").forEach(e=>{O[e]=t=>O.event(e,(t||{}).props,t)});let P=()=>{S||(S=o.createElement("script"),S.nonce=
r.nonce,S.src=g("extension")||r.src.replace(/(-[0-9a-f]{8})?(\.js)?([?#].*)?$/,"-xff0a4540$2"),o.head.appendChild(S))},R=e=>{if(O.hasOwnProperty(e[0]))return O[e[0]](
...e.slice(1));!M&&K.push(e)<$&&P()};c.afterclick=p((...e)=>R(e)),c.afterclick.site=q||1,c.afterclick.core={config:v,me:r,commands:O,hit:a,pick:h,on:l,id:X,denied:C,
may:Y,plain:Z,endpoint:E,waiting:()=>N,ready:()=>{M=1,K.forEach(p(R))}};let te=()=>{J(),(x&&x.q||[]).forEach(p(e=>R([...e])))};p(()=>{z=="denied"&&(u={analytics_storage:"\
denied"}),g("spa")!="off"&&(["pushState","replaceState"].forEach(e=>{let t=history[e];history[e]=function(...n){let i=t.apply(this,n);return p(L)(),i}}),l(c,"po\
pstate",L),l(c,"hashchange",L)),l(c,"online",Q),l(c,"pagehide",()=>m(1)),l(o,"visibilitychange",()=>{o.visibilityState=="hidden"&&m(1)}),l(c,"pageshow",e=>{e.persisted&&
J()}),o.prerendering?l(o,"prerenderingchange",te):te(),(v.extension||g("goal-on-return"))&&P()})()})();})();
