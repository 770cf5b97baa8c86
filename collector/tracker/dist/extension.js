/* Afterclick tracker, Apache-2.0 */
"use strict";(()=>{(()=>{let r=window,a=document,h=location,c=r.afterclick&&r.afterclick.core;if(!c||r.afterclick.extended)return;r.afterclick.extended=1;let{config:m,commands:i,hit:G,
on:l,me:J}=c,$=m.consent_from||[],b=(e,t)=>e.target instanceof Element&&e.target.closest(t),E=m.goals||[],p=(e,t,n)=>G("event",{name:t,goal:e.name,props:n}),C=e=>E.
forEach(t=>{try{e(t)}catch(n){}}),j=(e,t)=>e=="*"||e.split(/[\s,]+/).some(t);l(a,"submit",e=>C(t=>{t.form&&e.target.matches(t.form)&&p(t,"form",{form:e.target.id||
e.target.name||t.form})}));let Q=/\.(pdf|zip|gz|7z|rar|dmg|exe|msi|apk|docx?|xlsx?|pptx?|csv|epub|mp3|mp4|mov|avi|wav)$/i,K=e=>{let t=b(e,"a[href]");if(!t||!/^https?:/.
test(t.protocol))return;let n=t.pathname;C(o=>{o.download&&(o.download=="*"?Q.test(n):j(o.download,f=>n.toLowerCase().endsWith("."+f)))&&p(o,"download",{file:n}),
o.outbound&&t.hostname!=h.hostname&&!(m.link_hosts||[]).includes(t.hostname)&&j(o.outbound,f=>("."+t.hostname).endsWith("."+f))&&p(o,"outbound",{host:t.hostname})})};
l(a,"click",K),l(a,"auxclick",e=>e.button==1&&K(e));let k=E.filter(e=>e.scroll),M=()=>{let e=a.documentElement,t=100*(r.scrollY+r.innerHeight)/Math.max(1,e.scrollHeight);
for(let n=k.length;n--;)t+1>=k[n].scroll&&p(k.splice(n,1)[0],"scroll",{percent:Math.min(100,Math.round(t))})};k.length&&(l(a,"scroll",M),a.readyState=="complete"?
M():l(r,"load",M));let d=E.filter(e=>e.time_on_site),A="_ac_t",g=0,w=0,y=()=>{let e=Date.now();w&&(g+=e-w),w=a.visibilityState=="visible"?e:0;let t=d.length;for(let o=t;o--;)
g>=d[o].time_on_site&&p(d.splice(o,1)[0],"time_on_site");try{c.may()&&sessionStorage.setItem(A,g+" "+d.map(o=>o.name).join(`
`))}catch(o){}let n=Math.min(...d.map(o=>o.time_on_site-g));w&&d.length&&setTimeout(y,Math.max(50,n))};if(d.length){try{let[,e,t]=/^(\d+) ([^]*)$/.exec(sessionStorage.
getItem(A));g=+e;for(let n=d.length;n--;)t.split(`
`).includes(d[n].name)||d.splice(n,1)}catch(e){}l(a,"visibilitychange",y),l(r,"pagehide",y),y()}let F="_ac_m",V=86400,X=10,L=()=>{let e=new RegExp("(?:^|; )"+F+
"=([^;]*)").exec(a.cookie);return e?e[1].split("~").map(t=>t.split("!")):[]},R=e=>{a.cookie=F+"="+e.slice(-X).map(t=>t.join("!")).join("~")+";path=/;SameSite=La\
x;max-age="+(e.length?V:0)+(h.protocol=="https:"?";Secure":"")},H=[],N=e=>c.waiting()?H.push(e):e(),O=e=>encodeURIComponent(e).replace(/[!~]/g,escape);i.mark=e=>N(
()=>{let t=O(e);c.may()&&R(L().filter(n=>n[0]!=t).concat([[t,c.id()]]))}),i.returned=e=>N(()=>{let t=L(),n=t.filter(o=>o[0]==O(e.goal))[0];n&&(R(t.filter(o=>o!=
n)),i.conversion({...e,event_id:n[1]}))});let U=()=>{H.splice(0).forEach(e=>e()),c.denied()&&(L().length&&R([]),sessionStorage.removeItem(A))},Z=i.consent;if(i.
consent=e=>{Z(e),U()},!c.waiting())try{U()}catch(e){}let I=e=>l(a,e,t=>{let n=b(t,"[data-goal-mark]");n&&e=="click"!=(n.tagName=="FORM")&&i.mark(n.getAttribute(
"data-goal-mark"))});I("click"),I("focusin"),I("submit");let W=()=>[J,...a.querySelectorAll("[data-goal-on-return]")].forEach(e=>{let t=n=>e.getAttribute("data-"+
n);t("goal-on-return")&&i.returned({goal:t("goal-on-return"),value:t("value")||void 0,currency:t("currency")||void 0,order_id:t("order-id")||void 0})});if(a.readyState==
"loading"?l(a,"DOMContentLoaded",W):W(),$.includes("consent_mode")){let e={},t=!1,n=s=>{if(!s||s[0]!="consent"||!s[2])return;let u=c.pick(s[2],"ad_storage analy\
tics_storage ad_user_data ad_personalization");for(let _ in u)u[_]&&!(s[2].region&&u[_]=="granted")&&(e[_]=u[_]);let v=s[1]=="default"&&+s[2].wait_for_update;v?
setTimeout(()=>t||(t=!0,i.consent(e)),v):(t=!0,i.consent(e))},o=r.dataLayer=r.dataLayer||[],f=o.push;o.push=function(...s){let u=f.apply(this,s);return s.forEach(
v=>{try{n(v)}catch(_){}}),u};let S=[...o].filter(s=>s&&s[0]=="consent"),T=S.some(s=>s[1]=="update"),te=i.consent,B=0;i.consent=()=>{B++},S.forEach(s=>n(T?[s[0],
s[1],{...s[2],wait_for_update:0}]:s)),i.consent=te,B&&i.consent(e)}if($.includes("tcf")){let e=t=>{if(!r.__tcfapi){t&&setTimeout(e,200,t-1);return}r.__tcfapi("a\
ddEventListener",2,(n,o)=>{if(!o||!/^(tcloaded|useractioncomplete)$/.test(n.eventStatus))return;let f=(...S)=>n.gdprApplies===!1||S.every(T=>n.purpose&&n.purpose.
consents&&n.purpose.consents[T])?"granted":"denied";i.consent({ad_storage:f(1),analytics_storage:f(1,8),ad_user_data:f(1,7),ad_personalization:f(1,3,4),tc:n.gdprApplies===
!1?void 0:n.tcString})})};e(50)}let q=m.link_hosts||[],z="",D=0,x=!1,P=e=>/^https?:/.test(e.protocol)&&e.hostname!=h.hostname&&q.includes(e.hostname),Y=()=>{x||
!c.may()||Date.now()-D<6e4||(x=!0,fetch(c.endpoint.replace(/[^\/]*$/,"x")+"?site="+encodeURIComponent(m.site),{credentials:"include"}).then(e=>e.status==200?e.text():
"").then(e=>{z=e,D=e&&Date.now(),x=!1},()=>{x=!1}))},ee=e=>{let t=b(e,"a[href]");if(!t||!P(t))return;Y();let[,n,o]=/^([^#]*)(.*)$/.exec(c.plain(t.href));c.may()&&
z&&Date.now()-D<12e4&&(n+=(n.includes("?")?"&":"?")+"_ac_x="+z),n+o!=t.href&&(t.href=n+o)};if(q.length){["pointerover","focusin","touchstart","mousedown","click",
"auxclick"].forEach(t=>l(a,t,ee)),/[?&]_ac_x=/.test(h.search)&&history.replaceState(history.state,"",c.plain(h.href));let e=()=>{[...a.links].some(P)&&setTimeout(
Y,500)};a.readyState=="complete"?e():l(r,"load",e)}c.ready()})();})();
