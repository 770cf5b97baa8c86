/* Afterclick dashboard, Apache-2.0; with uPlot, MIT, Copyright (c) 2022 Leon Sorokin */
(()=>{var B=e=>document.getElementById(e);function M(e,t={},...o){let l=document.createElement(e);for(let[i,a]of Object.entries(t))if(!(a==null||a===!1))if(i==="on")for(let[
f,h]of Object.entries(a))l.addEventListener(f,h);else l.setAttribute(i,a===!0?"":a);return l.append(...o.filter(i=>i!=null&&i!=="")),l}var Tt=e=>M("bdi",{},e);function De(e,...t){
e.classList.remove("busy"),e.replaceChildren(...t)}function Zt(e,t,o){return M("div",{class:"scroll",role:"region",tabindex:"0","aria-label":e},M("table",{},M("\
caption",{},e),M("thead",{},M("tr",{},...t)),M("tbody",{},...o)))}var pe=(e,t={})=>M("th",{scope:"col",...t},e),Pe=(e,t={})=>M("td",t,e);var So=e=>new Intl.NumberFormat(void 0,{maximumFractionDigits:e,minimumFractionDigits:e}),zs=So(0),Fs=So(1),vo=So(2),Et=e=>e!=null&&Number.isFinite(e),he=e=>Et(
e)?(Number.isInteger(e)?zs:e<100?vo:Fs).format(e):"\u2013",qe=e=>Et(e)?(Math.abs(e)>=1e4?zs:vo).format(e):"\u2013",An=e=>Et(e)?vo.format(e):"\u2013",Ge=e=>Et(e)?
Fs.format(100*e)+" %":"\u2013",Cn=e=>Et(e)?(e>0?"+":"")+Ge(e):"\u2013",Hs=e=>e===0?"0":new Intl.NumberFormat(void 0,{notation:"compact",maximumSignificantDigits:3}).
format(e),_o=e=>new Date(e+"T00:00:00Z"),Mt=e=>_o(e).toLocaleDateString(void 0,{day:"numeric",month:"short",year:"numeric",timeZone:"UTC"}),bo=(e,t)=>new Date(_o(
e).getTime()+t*864e5).toISOString().slice(0,10),Ws=e=>_o(e).getTime()/1e3;function xo(e){let t=Math.max(0,Math.round(e/1e3));return t<90?`${t} s`:t<5400?`${Math.
round(t/60)} min`:t<129600?`${Math.round(t/3600)} h`:`${Math.round(t/86400)} days`}var ko=[["visits","Visits",he],["conversions","Conversions",he],["net_revenue","Net revenue",qe],["cost","Spend",qe],["roas","ROAS",An],["roi","ROI",Ge],["cpa",
"CPA",qe]],ha=["visits","conversions","net_revenue","cost","margin_revenue"],Ln=[],Gs=null,ul=null,rn="net_revenue",zl=!0,hl="",It=new Set;function sn(e){let t={};
for(let o of ha)t[o]=e.some(l=>l[o]===null)?null:e.reduce((l,i)=>l+i[o],0);return Us(t)}function Us(e){return e.roas=e.cost?e.net_revenue/e.cost:null,e.roi=e.cost?
(e.margin_revenue-e.cost)/e.cost:null,e.cpa=e.conversions&&e.cost!==null?e.cost/e.conversions:null,e}function Is(e,t,o){let l=new Map;for(let i of e)l.set(i[t],
[...l.get(i[t])||[],i]);return[...l].map(([i,a])=>o(i,a))}function Bs(e){ul=e;let t=e.rows.map(l=>{let i=Object.fromEntries(e.columns.map((a,f)=>[a,l[f]]));return i.
margin_revenue=i.net_revenue*i.margin,i}),o=l=>({title:l.campaign,id:JSON.stringify([l.channel,l.source,l.medium,l.campaign]),more:l.medium,text:`${l.channel} ${l.
source} ${l.medium} ${l.campaign}`.toLowerCase(),...Us(l)});Ln=Is(t,"channel",(l,i)=>({title:l,id:JSON.stringify([l]),...sn(i),children:Is(i,"source",(a,f)=>({title:a,
id:JSON.stringify([l,a]),...sn(f),children:f.map(o)}))})),Gs=sn(t),an()}var Ys=(e,t)=>{let[o,l]=[e[rn],t[rn]];return typeof o=="string"?(zl?-1:1)*o.localeCompare(
l):o===l?e.title.localeCompare(t.title):o==null?1:l==null?-1:zl?l-o:o-l};function qs(e){if(!hl)return e;if(!e.children)return e.text.includes(hl)?e:null;let t=e.
children.map(qs).filter(Boolean);return t.length?{...e,...sn(t),children:t}:null}var js=e=>ko.map(([t,,o])=>Pe(o(e[t])));function Ks(e,t,o){let l=hl!==""||It.has(
e.id),i=e.children?M("button",{type:"button","aria-expanded":String(l),"data-id":e.id,on:{click:()=>pa(e.id)}},Tt(e.title)):Tt(e.title);if(o.push(M("tr",{class:`\
l${t}`},M("th",{scope:"row"},i,e.more?M("small",{},Tt(e.more)):""),...js(e))),e.children&&l)for(let a of[...e.children].sort(Ys))Ks(a,t+1,o)}function pa(e){It.has(
e)?It.delete(e):It.add(e),an(e)}function ma(e){rn===e?zl=!zl:(rn=e,zl=e!=="title"),an(null,e)}function an(e,t){let o=B("campaigns"),l=[],i=Ln.map(qs).filter(Boolean),
a=o.firstChild?.scrollLeft||0;for(let d of[...i].sort(Ys))Ks(d,1,l);let f=d=>d.children?d.children.reduce((w,D)=>w+f(D),0):1,h=i.reduce((d,w)=>d+f(w),0),p=Ln.reduce(
(d,w)=>d+f(w),0),g=ul.rows.length?ul.rows[0][ul.columns.indexOf("all_rows")]-ul.rows.length:0;if(B("campaigns-note").replaceChildren(hl?`${he(h)} of ${he(p)} ca\
mpaigns match.`:`${he(p)} campaigns`+(g>0?`; ${he(g)} smaller ones are only in the CSV.`:".")),!p){De(o,M("p",{class:"empty"},"No visits, conversions or costs i\
n these days."));return}let v=[["title","Channel, source, campaign"],...ko].map(([d,w])=>pe(M("button",{type:"button","data-key":d,on:{click:()=>ma(d)}},w),{"ar\
ia-sort":rn===d?zl?"descending":"ascending":null}));l.length?l.push(M("tr",{class:"foot"},M("th",{scope:"row"},hl?"Found":"Total"),...js(hl?sn(i):Gs))):l.push(M(
"tr",{},M("td",{class:"text",colspan:ko.length+1},"Nothing matches."))),De(o,Zt("Channels, sources and campaigns",v,l)),o.firstChild.scrollLeft=a,t&&o.querySelector(
`[data-key=${t}]`).focus(),e&&[...o.querySelectorAll("tbody button")].find(d=>d.dataset.id===e)?.focus(),B("unfold").textContent=It.size?"Fold all":"Unfold all"}
function Js(){B("search").addEventListener("input",e=>{hl=e.target.value.trim().toLowerCase(),ul&&an()}),B("unfold").addEventListener("click",()=>{let e=It.size>
0;if(It.clear(),!e)for(let t of Ln){It.add(t.id);for(let o of t.children)It.add(o.id)}ul&&an()})}var ga="uplot",wa="u-hz",ya="u-vt",Sa="u-title",va="u-wrap",_a="u-under",ba="u-over",xa="u-axis",dl="u-off",ka="u-select",Ta="u-cursor-x",Ea="u-cursor-y",Ma="u-\
cursor-pt",Aa="u-legend",Ca="u-live",La="u-inline",Da="u-series",Pa="u-marker",Zs="u-label",Na="u-value",fn="width",un="height";var Qs="bottom",Fl="left",To="right",Io="#000",Xs=Io+"0",Eo="mousemove",ei="mousedown",Mo="mouseup",ti="mouseenter",li="mouseleave",ni="dblclick",$a="resize",Oa="\
scroll",oi="change",On="dppxchange",Go="--",Yl=typeof window<"u",Po=Yl?document:null,Wl=Yl?window:null,Ra=Yl?navigator:null,re,Dn;function No(){let e=devicePixelRatio;
re!=e&&(re=e,Dn&&Oo(oi,Dn,No),Dn=matchMedia(`(min-resolution: ${re-.001}dppx) and (max-resolution: ${re+.001}dppx)`),gl(oi,Dn,No),Wl.dispatchEvent(new CustomEvent(
On)))}function at(e,t){if(t!=null){let o=e.classList;!o.contains(t)&&o.add(t)}}function $o(e,t){let o=e.classList;o.contains(t)&&o.remove(t)}function ve(e,t,o){
e.style[t]=o+"px"}function At(e,t,o,l){let i=Po.createElement(e);return t!=null&&at(i,t),o?.insertBefore(i,l),i}function yt(e,t){return At("div",e,t)}var si=new WeakMap;
function zt(e,t,o,l,i){let a="translate("+t+"px,"+o+"px)",f=si.get(e);a!=f&&(e.style.transform=a,si.set(e,a),t<0||o<0||t>l||o>i?at(e,dl):$o(e,dl))}var ii=new WeakMap;
function ri(e,t,o){let l=t+o,i=ii.get(e);l!=i&&(ii.set(e,l),e.style.background=t,e.style.borderColor=o)}var ai=new WeakMap;function ci(e,t,o,l){let i=t+""+o,a=ai.
get(e);i!=a&&(ai.set(e,i),e.style.height=o+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-o/2+"px":0)}var Uo={passive:!0},Va={...Uo,
capture:!0};function gl(e,t,o,l){t.addEventListener(e,o,l?Va:Uo)}function Oo(e,t,o,l){t.removeEventListener(e,o,Uo)}Yl&&No();function Ct(e,t,o,l){let i;o=o||0,l=
l||t.length-1;let a=l<=2147483647;for(;l-o>1;)i=a?o+l>>1:ct((o+l)/2),t[i]<e?o=i:l=i;return e-t[o]<=t[l]-e?o:l}function Vi(e){return(o,l,i)=>{let a=-1,f=-1;for(let h=l;h<=
i;h++)if(e(o[h])){a=h;break}for(let h=i;h>=l;h--)if(e(o[h])){f=h;break}return[a,f]}}var zi=e=>e!=null,Fi=e=>e!=null&&e>0,zn=Vi(zi),za=Vi(Fi);function Fa(e,t,o,l=0,i=!1){
let a=i?za:zn,f=i?Fi:zi;[t,o]=a(e,t,o);let h=e[t],p=e[t];if(t>-1)if(l==1)h=e[t],p=e[o];else if(l==-1)h=e[o],p=e[t];else for(let g=t;g<=o;g++){let v=e[g];f(v)&&(v<
h?h=v:v>p&&(p=v))}return[h??me,p??-me]}function Fn(e,t,o,l){let i=hi(e),a=hi(t);e==t&&(i==-1?(e*=o,t/=o):(e/=o,t*=o));let f=o==10?Gt:Hi,h=i==1?ct:St,p=a==1?St:ct,
g=h(f($e(e))),v=p(f($e(t))),d=Il(o,g),w=Il(o,v);return o==10&&(g<0&&(d=de(d,-g)),v<0&&(w=de(w,-v))),l||o==2?(e=d*i,t=w*a):(e=Ui(e,d),t=Hn(t,w)),[e,t]}function Bo(e,t,o,l){
let i=Fn(e,t,o,l);return e==0&&(i[0]=0),t==0&&(i[1]=0),i}var Yo=.1,fi={mode:3,pad:Yo},pn={pad:0,soft:null,mode:0},Ha={min:pn,max:pn};function Rn(e,t,o,l){return Wn(
o)?ui(e,t,o):(pn.pad=o,pn.soft=l?0:null,pn.mode=l?3:0,ui(e,t,Ha))}function se(e,t){return e??t}function Wa(e,t,o){for(t=se(t,0),o=se(o,e.length-1);t<=o;){if(e[t]!=
null)return!0;t++}return!1}function ui(e,t,o){let l=o.min,i=o.max,a=se(l.pad,0),f=se(i.pad,0),h=se(l.hard,-me),p=se(i.hard,me),g=se(l.soft,me),v=se(i.soft,-me),
d=se(l.mode,0),w=se(i.mode,0),D=t-e,P=Gt(D),z=Xe($e(e),$e(t)),H=Gt(z),I=$e(H-P);(D<1e-24||I>10)&&(D=0,(e==0||t==0)&&(D=1e-24,d==2&&g!=me&&(a=0),w==2&&v!=-me&&(f=
0)));let b=D||z||1e3,F=Gt(b),x=Il(10,ct(F)),J=b*(D==0?e==0?.1:1:a),L=de(Ui(e-J,x/10),24),Z=e>=g&&(d==1||d==3&&L<=g||d==2&&L>=g)?g:me,q=Xe(h,L<Z&&e>=Z?Z:Lt(Z,L)),
ee=b*(D==0?t==0?.1:1:f),Y=de(Hn(t+ee,x/10),24),k=t<=v&&(w==1||w==3&&Y>=v||w==2&&Y<=v)?v:-me,K=Lt(p,Y>k&&t<=k?k:Xe(k,Y));return q==K&&q==0&&(K=100),[q,K]}var Ia=new Intl.
NumberFormat(Yl?Ra.language:"en-US"),qo=e=>Ia.format(e),ft=Math,$n=ft.PI,$e=ft.abs,ct=ft.floor,Ne=ft.round,St=ft.ceil,Lt=ft.min,Xe=ft.max,Il=ft.pow,hi=ft.sign,Gt=ft.
log10,Hi=ft.log2,Ga=(e,t=1)=>ft.sinh(e)*t,Ao=(e,t=1)=>ft.asinh(e/t),me=1/0;function pi(e){return(Gt((e^e>>31)-(e>>31))|0)+1}function Ro(e,t,o){return Lt(Xe(e,t),
o)}function Wi(e){return typeof e=="function"}function te(e){return Wi(e)?e:()=>e}var Ua=()=>{},Ii=e=>e,Gi=(e,t)=>t,Ba=e=>null,mi=e=>!0,di=(e,t)=>e==t,Ya=/\.\d*?(?=9{6,}|0{6,})/gm,
wl=e=>{if(Yi(e)||Xt.has(e))return e;let t=`${e}`,o=t.match(Ya);if(o==null)return e;let l=o[0].length-1;if(t.indexOf("e-")!=-1){let[i,a]=t.split("e");return+`${wl(
i)}e${a}`}return de(e,l)};function pl(e,t){return wl(de(wl(e/t))*t)}function Hn(e,t){return wl(St(wl(e/t))*t)}function Ui(e,t){return wl(ct(wl(e/t))*t)}function de(e,t=0){
if(Yi(e))return e;let o=10**t,l=e*o*(1+Number.EPSILON);return Ne(l)/o}var Xt=new Map;function Bi(e){return((""+e).split(".")[1]||"").length}function dn(e,t,o,l){
let i=[],a=l.map(Bi);for(let f=t;f<o;f++){let h=$e(f),p=de(Il(e,f),h);for(let g=0;g<l.length;g++){let v=e==10?+`${l[g]}e${f}`:l[g]*p,d=(f>=0?0:h)+(f>=a[g]?0:a[g]),
w=e==10?v:de(v,d);i.push(w),Xt.set(w,d)}}return i}var mn={},jo=[],Gl=[null,null],Qt=Array.isArray,Yi=Number.isInteger,qa=e=>e===void 0;function gi(e){return typeof e==
"string"}function Wn(e){let t=!1;if(e!=null){let o=e.constructor;t=o==null||o==Object}return t}function ja(e){return e!=null&&typeof e=="object"}var Ka=Object.getPrototypeOf(
Uint8Array),qi="__proto__";function Ul(e,t=Wn){let o;if(Qt(e)){let l=e.find(i=>i!=null);if(Qt(l)||t(l)){o=Array(e.length);for(let i=0;i<e.length;i++)o[i]=Ul(e[i],
t)}else o=e.slice()}else if(e instanceof Ka)o=e.slice();else if(t(e)){o={};for(let l in e)l!=qi&&(o[l]=Ul(e[l],t))}else o=e;return o}function Ae(e){let t=arguments;
for(let o=1;o<t.length;o++){let l=t[o];for(let i in l)i!=qi&&(Wn(e[i])?Ae(e[i],Ul(l[i])):e[i]=Ul(l[i]))}return e}var Ja=0,Za=1,Qa=2;function Xa(e,t,o){for(let l=0,
i,a=-1;l<t.length;l++){let f=t[l];if(f>a){for(i=f-1;i>=0&&e[i]==null;)e[i--]=null;for(i=f+1;i<o&&e[i]==null;)e[a=i++]=null}}}function ec(e,t){if(nc(e)){let f=e[0].
slice();for(let h=1;h<e.length;h++)f.push(...e[h].slice(1));return oc(f[0])||(f=lc(f)),f}let o=new Set;for(let f=0;f<e.length;f++){let p=e[f][0],g=p.length;for(let v=0;v<
g;v++)o.add(p[v])}let l=[Array.from(o).sort((f,h)=>f-h)],i=l[0].length,a=new Map;for(let f=0;f<i;f++)a.set(l[0][f],f);for(let f=0;f<e.length;f++){let h=e[f],p=h[0];
for(let g=1;g<h.length;g++){let v=h[g],d=Array(i).fill(void 0),w=t?t[f][g]:Za,D=[];for(let P=0;P<v.length;P++){let z=v[P],H=a.get(p[P]);z===null?w!=Ja&&(d[H]=z,
w==Qa&&D.push(H)):d[H]=z}Xa(d,D,i),l.push(d)}}return l}var tc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function lc(e){let t=e[0],o=t.
length,l=Array(o);for(let a=0;a<l.length;a++)l[a]=a;l.sort((a,f)=>t[a]-t[f]);let i=[];for(let a=0;a<e.length;a++){let f=e[a],h=Array(o);for(let p=0;p<o;p++)h[p]=
f[l[p]];i.push(h)}return i}function nc(e){let t=e[0][0],o=t.length;for(let l=1;l<e.length;l++){let i=e[l][0];if(i.length!=o)return!1;if(i!=t){for(let a=0;a<o;a++)
if(i[a]!=t[a])return!1}}return!0}function oc(e,t=100){let o=e.length;if(o<=1)return!0;let l=0,i=o-1;for(;l<=i&&e[l]==null;)l++;for(;i>=l&&e[i]==null;)i--;if(i<=
l)return!0;let a=Xe(1,ct((i-l+1)/t));for(let f=e[l],h=l+a;h<=i;h+=a){let p=e[h];if(p!=null){if(p<=f)return!1;f=p}}return!0}var ji=["January","February","March",
"April","May","June","July","August","September","October","November","December"],Ki=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Ji(e){
return e.slice(0,3)}var sc=Ki.map(Ji),ic=ji.map(Ji),rc={MMMM:ji,MMM:ic,WWWW:Ki,WWW:sc};function cn(e){return(e<10?"0":"")+e}function ac(e){return(e<10?"00":e<100?
"0":"")+e}var cc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>cn(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>cn(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>cn(e.getHours()),H:e=>e.getHours(),
h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>cn(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>cn(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>ac(e.getMilliseconds())};function Ko(e,t){t=t||rc;let o=[],l=/\{([a-z]+)\}|[^{]+/gi,
i;for(;i=l.exec(e);)o.push(i[0][0]=="{"?cc[i[1]]:i[0]);return a=>{let f="";for(let h=0;h<o.length;h++)f+=typeof o[h]=="string"?o[h]:o[h](a,t);return f}}var fc=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function uc(e,t){let o;return t=="UTC"||t=="Etc/UTC"?o=new Date(+e+e.getTimezoneOffset()*6e4):t==fc?o=e:(o=new Date(
e.toLocaleString("en-US",{timeZone:t})),o.setMilliseconds(e.getMilliseconds())),o}var Zi=e=>e%1==0,Vn=[1,2,2.5,5],hc=dn(10,-32,0,Vn),Qi=dn(10,0,32,Vn),pc=Qi.filter(
Zi),ml=hc.concat(Qi),Jo=`
`,Xi="{YYYY}",wi=Jo+Xi,er="{M}/{D}",hn=Jo+er,Pn=hn+"/{YY}",tr="{aa}",mc="{h}:{mm}",Hl=mc+tr,yi=Jo+Hl,Si=":{ss}",ce=null;function lr(e){let t=e*1e3,o=t*60,l=o*60,
i=l*24,a=i*30,f=i*365,p=(e==1?dn(10,0,3,Vn).filter(Zi):dn(10,-3,0,Vn)).concat([t,t*5,t*10,t*15,t*30,o,o*5,o*10,o*15,o*30,l,l*2,l*3,l*4,l*6,l*8,l*12,i,i*2,i*3,i*
4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,a,a*2,a*3,a*4,a*6,f,f*2,f*5,f*10,f*25,f*50,f*100]),g=[[f,Xi,ce,ce,ce,ce,ce,ce,1],[i*28,"{MMM}",wi,ce,ce,ce,ce,ce,1],[i,er,wi,ce,
ce,ce,ce,ce,1],[l,"{h}"+tr,Pn,ce,hn,ce,ce,ce,1],[o,Hl,Pn,ce,hn,ce,ce,ce,1],[t,Si,Pn+" "+Hl,ce,hn+" "+Hl,ce,yi,ce,1],[e,Si+".{fff}",Pn+" "+Hl,ce,hn+" "+Hl,ce,yi,
ce,1]];function v(d){return(w,D,P,z,H,I)=>{let b=[],F=H>=f,x=H>=a&&H<f,J=d(P),L=de(J*e,3),Z=Co(J.getFullYear(),F?0:J.getMonth(),x||F?1:J.getDate()),q=de(Z*e,3);
if(x||F){let ee=x?H/a:0,Y=F?H/f:0,k=L==q?L:de(Co(Z.getFullYear()+Y,Z.getMonth()+ee,1)*e,3),K=new Date(Ne(k/e)),N=K.getFullYear(),G=K.getMonth();for(let V=0;k<=z;V++){
let le=Co(N+Y*V,G+ee*V,1),R=le-d(de(le*e,3));k=de((+le+R)*e,3),k<=z&&b.push(k)}}else{let ee=H>=i?i:H,Y=ct(P)-ct(L),k=q+Y+Hn(L-q,ee);b.push(k);let K=d(k),N=K.getHours()+
K.getMinutes()/o+K.getSeconds()/l,G=H/l,V=w.axes[D]._space,le=I/V;for(;k=de(k+H,e==1?0:3),!(k>z);)if(G>1){let R=ct(de(N+G,6))%24,ne=d(k).getHours()-R;ne>1&&(ne=
-1),k-=ne*l,N=(N+G)%24;let fe=b[b.length-1];de((k-fe)/H,3)*le>=.7&&b.push(k)}else b.push(k)}return b}}return[p,g,v]}var[dc,gc,wc]=lr(1),[yc,Sc,vc]=lr(.001);dn(2,
-53,53,[1]);function vi(e,t){return e.map(o=>o.map((l,i)=>i==0||i==8||l==null?l:t(i==1||o[8]==0?l:o[1]+l)))}function _i(e,t){return(o,l,i,a,f)=>{let h=t.find(P=>f>=
P[0])||t[t.length-1],p,g,v,d,w,D;return l.map(P=>{let z=e(P),H=z.getFullYear(),I=z.getMonth(),b=z.getDate(),F=z.getHours(),x=z.getMinutes(),J=z.getSeconds(),L=H!=
p&&h[2]||I!=g&&h[3]||b!=v&&h[4]||F!=d&&h[5]||x!=w&&h[6]||J!=D&&h[7]||h[1];return p=H,g=I,v=b,d=F,w=x,D=J,L(z)})}}function _c(e,t){let o=Ko(t);return(l,i,a,f,h)=>i.
map(p=>o(e(p)))}function Co(e,t,o){return new Date(e,t,o)}function bi(e,t){return t(e)}var bc="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function xi(e,t){return(o,l,i,a)=>a==
null?Go:t(e(l))}function xc(e,t){let o=e.series[t];return o.width?o.stroke(e,t):o.points.width?o.points.stroke(e,t):null}function kc(e,t){return e.series[t].fill(
e,t)}var Tc={show:!0,live:!0,isolate:!1,mount:Ua,markers:{show:!0,width:2,stroke:xc,fill:kc,dash:"solid"},idx:null,idxs:null,values:[]};function Ec(e,t){let o=e.
cursor.points,l=yt(),i=o.size(e,t);ve(l,fn,i),ve(l,un,i);let a=i/-2;ve(l,"marginLeft",a),ve(l,"marginTop",a);let f=o.width(e,t,i);return f&&ve(l,"borderWidth",f),
l}function Mc(e,t){let o=e.series[t].points;return o._fill||o._stroke}function Ac(e,t){let o=e.series[t].points;return o._stroke||o._fill}function Cc(e,t){return e.
series[t].points.size}var Lo=[0,0];function Lc(e,t,o){return Lo[0]=t,Lo[1]=o,Lo}function Nn(e,t,o,l=!0){return i=>{i.button==0&&(!l||i.target==t)&&o(i)}}function Do(e,t,o,l=!0){
return i=>{(!l||i.target==t)&&o(i)}}var Dc={show:!0,x:!0,y:!0,lock:!1,move:Lc,points:{one:!1,show:Ec,size:Cc,width:0,stroke:Ac,fill:Mc},bind:{mousedown:Nn,mouseup:Nn,
click:Nn,dblclick:Nn,mousemove:Do,mouseleave:Do,mouseenter:Do},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,t,o,l,i)=>l-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},nr={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Zo=Ae({},nr,{filter:Gi}),or=Ae({},Zo,{size:10}),sr=Ae({},nr,{show:!1}),Qo='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',ir="bold "+Qo,rr=1.5,ki={
show:!0,scale:"x",stroke:Io,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:ir,side:2,grid:Zo,ticks:or,border:sr,font:Qo,lineGap:rr,rotate:0},
Pc="Value",Nc="Time",Ti={show:!0,scale:"x",auto:!1,sorted:1,min:me,max:-me,idxs:[]};function $c(e,t,o,l,i){return t.map(a=>a==null?"":qo(a))}function Oc(e,t,o,l,i,a,f){
let h=[],p=Xt.get(i)||0;o=f?o:de(Hn(o,i),p);for(let g=o;g<=l;g=de(g+i,p))h.push(Object.is(g,-0)?0:g);return h}function Vo(e,t,o,l,i,a,f){let h=[],p=e.scales[e.axes[t].
scale].log,g=p==10?Gt:Hi,v=ct(g(o));i=Il(p,v),p==10&&(i=ml[Ct(i,ml)]);let d=o,w=i*p;p==10&&(w=ml[Ct(w,ml)]);do h.push(d),d=d+i,p==10&&!Xt.has(d)&&(d=de(d,Xt.get(
i))),d>=w&&(i=d,w=i*p,p==10&&(w=ml[Ct(w,ml)]));while(d<=l);return h}function Rc(e,t,o,l,i,a,f){let p=e.scales[e.axes[t].scale].asinh,g=l>p?Vo(e,t,Xe(p,o),l,i):[
p],v=l>=0&&o<=0?[0]:[];return(o<-p?Vo(e,t,Xe(p,-l),-o,i):[p]).reverse().map(w=>-w).concat(v,g)}var ar=/./,Vc=/[12357]/,zc=/[125]/,Ei=/1/,zo=(e,t,o,l)=>e.map((i,a)=>t==
4&&i==0||a%l==0&&o.test(i.toExponential()[i<0?1:0])?i:null);function Fc(e,t,o,l,i){let a=e.axes[o],f=a.scale,h=e.scales[f],p=e.valToPos,g=a._space,v=p(10,f),d=p(
9,f)-v>=g?ar:p(7,f)-v>=g?Vc:p(5,f)-v>=g?zc:Ei;if(d==Ei){let w=$e(p(1,f)-v);if(w<g)return zo(t.slice().reverse(),h.distr,d,St(g/w)).reverse()}return zo(t,h.distr,
d,1)}function Hc(e,t,o,l,i){let a=e.axes[o],f=a.scale,h=a._space,p=e.valToPos,g=$e(p(1,f)-p(2,f));return g<h?zo(t.slice().reverse(),3,ar,St(h/g)).reverse():t}function Wc(e,t,o,l){
return l==null?Go:t==null?"":qo(t)}var Mi={show:!0,scale:"y",stroke:Io,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:ir,side:3,grid:Zo,ticks:or,
border:sr,font:Qo,lineGap:rr,rotate:0};function Ic(e,t){let o=3+(e||1)*2;return de(o*t,3)}function Gc(e,t){let{scale:o,idxs:l}=e.series[0],i=e._data[0],a=e.valToPos(
i[l[0]],o,!0),f=e.valToPos(i[l[1]],o,!0),h=$e(f-a),p=e.series[t],g=h/(p.points.space*re);return l[1]-l[0]<=g}var Ai={scale:null,auto:!0,sorted:0,min:me,max:-me},
cr=(e,t,o,l,i)=>i,Ci={show:!0,auto:!0,sorted:0,gaps:cr,alpha:1,facets:[Ae({},Ai,{scale:"x"}),Ae({},Ai,{scale:"y"})]},Li={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:cr,alpha:1,points:{show:Gc,filter:null},values:null,min:me,max:-me,idxs:[],path:null,clip:null};function Uc(e,t,o,l,i){return o/10}var fr={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Bc=Ae({},fr,{time:!1,ori:1}),Di={};function ur(e,t){let o=Di[e];return o||(o={key:e,plots:[],sub(l){o.plots.
push(l)},unsub(l){o.plots=o.plots.filter(i=>i!=l)},pub(l,i,a,f,h,p,g){for(let v=0;v<o.plots.length;v++)o.plots[v]!=i&&o.plots[v].pub(l,i,a,f,h,p,g)}},e!=null&&(Di[e]=
o)),o}var Bl=1,Fo=2;function yl(e,t,o){let l=e.mode,i=e.series[t],a=l==2?e._data[t]:e._data,f=e.scales,h=e.bbox,p=a[0],g=l==2?a[1]:a[t],v=l==2?f[i.facets[0].scale]:
f[e.series[0].scale],d=l==2?f[i.facets[1].scale]:f[i.scale],w=h.left,D=h.top,P=h.width,z=h.height,H=e.valToPosH,I=e.valToPosV;return v.ori==0?o(i,p,g,v,d,H,I,w,
D,P,z,Gn,ql,Bn,pr,dr):o(i,p,g,v,d,I,H,D,w,z,P,Un,jl,ts,mr,gr)}function Xo(e,t){let o=0,l=0,i=se(e.bands,jo);for(let a=0;a<i.length;a++){let f=i[a];f.series[0]==
t?o=f.dir:f.series[1]==t&&(f.dir==1?l|=1:l|=2)}return[o,l==1?-1:l==2?1:l==3?2:0]}function Yc(e,t,o,l,i){let a=e.mode,f=e.series[t],h=a==2?f.facets[1].scale:f.scale,
p=e.scales[h];return i==-1?p.min:i==1?p.max:p.distr==3?p.dir==1?p.min:p.max:0}function Ut(e,t,o,l,i,a){return yl(e,t,(f,h,p,g,v,d,w,D,P,z,H)=>{let I=f.pxRound,b=g.
dir*(g.ori==0?1:-1),F=g.ori==0?ql:jl,x,J;b==1?(x=o,J=l):(x=l,J=o);let L=I(d(h[x],g,z,D)),Z=I(w(p[x],v,H,P)),q=I(d(h[J],g,z,D)),ee=I(w(a==1?v.max:v.min,v,H,P)),Y=new Path2D(
i);return F(Y,q,ee),F(Y,L,ee),F(Y,L,Z),Y})}function In(e,t,o,l,i,a){let f=null;if(e.length>0){f=new Path2D;let h=t==0?Bn:ts,p=o;for(let d=0;d<e.length;d++){let w=e[d];
if(w[1]>w[0]){let D=w[0]-p;D>0&&h(f,p,l,D,l+a),p=w[1]}}let g=o+i-p,v=10;g>0&&h(f,p,l-v/2,g,l+a+v)}return f}function qc(e,t,o){let l=e[e.length-1];l&&l[0]==t?l[1]=
o:e.push([t,o])}function es(e,t,o,l,i,a,f){let h=[],p=e.length;for(let g=i==1?o:l;g>=o&&g<=l;g+=i)if(t[g]===null){let d=g,w=g;if(i==1)for(;++g<=l&&t[g]===null;)
w=g;else for(;--g>=o&&t[g]===null;)w=g;let D=a(e[d]),P=w==d?D:a(e[w]),z=d-i;D=f<=0&&z>=0&&z<p?a(e[z]):D;let I=w+i;P=f>=0&&I>=0&&I<p?a(e[I]):P,P>=D&&h.push([D,P])}
return h}function Pi(e){return e==0?Ii:e==1?Ne:t=>pl(t,e)}function hr(e){let t=e==0?Gn:Un,o=e==0?(i,a,f,h,p,g)=>{i.arcTo(a,f,h,p,g)}:(i,a,f,h,p,g)=>{i.arcTo(f,a,
p,h,g)},l=e==0?(i,a,f,h,p)=>{i.rect(a,f,h,p)}:(i,a,f,h,p)=>{i.rect(f,a,p,h)};return(i,a,f,h,p,g=0,v=0)=>{g==0&&v==0?l(i,a,f,h,p):(g=Lt(g,h/2,p/2),v=Lt(v,h/2,p/2),
t(i,a+g,f),o(i,a+h,f,a+h,f+p,g),o(i,a+h,f+p,a,f+p,v),o(i,a,f+p,a,f,v),o(i,a,f,a+h,f,g),i.closePath())}}var Gn=(e,t,o)=>{e.moveTo(t,o)},Un=(e,t,o)=>{e.moveTo(o,t)},
ql=(e,t,o)=>{e.lineTo(t,o)},jl=(e,t,o)=>{e.lineTo(o,t)},Bn=hr(0),ts=hr(1),pr=(e,t,o,l,i,a)=>{e.arc(t,o,l,i,a)},mr=(e,t,o,l,i,a)=>{e.arc(o,t,l,i,a)},dr=(e,t,o,l,i,a,f)=>{
e.bezierCurveTo(t,o,l,i,a,f)},gr=(e,t,o,l,i,a,f)=>{e.bezierCurveTo(o,t,i,l,f,a)};function wr(e){return(t,o,l,i,a)=>yl(t,o,(f,h,p,g,v,d,w,D,P,z,H)=>{let{pxRound:I,
points:b}=f,F,x;g.ori==0?(F=Gn,x=pr):(F=Un,x=mr);let J=de(b.width*re,3),L=(b.size-b.width)/2*re,Z=de(L*2,3),q=new Path2D,ee=new Path2D,{left:Y,top:k,width:K,height:N}=t.
bbox;Bn(ee,Y-Z,k-Z,K+Z*2,N+Z*2);let G=V=>{if(p[V]!=null){let le=I(d(h[V],g,z,D)),R=I(w(p[V],v,H,P));F(q,le+L,R),x(q,le,R,L,0,$n*2)}};if(a)a.forEach(G);else for(let V=l;V<=
i;V++)G(V);return{stroke:J>0?q:null,fill:q,clip:ee,flags:Bl|Fo}})}function yr(e){return(t,o,l,i,a,f)=>{l!=i&&(a!=l&&f!=l&&e(t,o,l),a!=i&&f!=i&&e(t,o,i),e(t,o,f))}}
var jc=yr(ql),Kc=yr(jl);function Sr(e){let t=se(e?.alignGaps,0);return(o,l,i,a)=>yl(o,l,(f,h,p,g,v,d,w,D,P,z,H)=>{[i,a]=zn(p,i,a);let I=f.pxRound,b=N=>I(d(N,g,z,
D)),F=N=>I(w(N,v,H,P)),x,J;g.ori==0?(x=ql,J=jc):(x=jl,J=Kc);let L=g.dir*(g.ori==0?1:-1),Z={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Bl},q=Z.
stroke,ee=!1;if(a-i>=z*4){let N=$=>o.posToVal($,g.key,!0),G=null,V=null,le,R,et,_e=b(h[L==1?i:a]),ne=b(h[i]),fe=b(h[a]),Q=N(L==1?ne+1:fe-1);for(let $=L==1?i:a;$>=
i&&$<=a;$+=L){let Ce=h[$],be=(L==1?Ce<Q:Ce>Q)?_e:b(Ce),ae=p[$];be==_e?ae!=null?(R=ae,G==null?(x(q,be,F(R)),le=G=V=R):R<G?G=R:R>V&&(V=R)):ae===null&&(ee=!0):(G!=
null&&J(q,_e,F(G),F(V),F(le),F(R)),ae!=null?(R=ae,x(q,be,F(R)),G=V=le=R):(G=V=null,ae===null&&(ee=!0)),_e=be,Q=N(_e+L))}G!=null&&G!=V&&et!=_e&&J(q,_e,F(G),F(V),
F(le),F(R))}else for(let N=L==1?i:a;N>=i&&N<=a;N+=L){let G=p[N];G===null?ee=!0:G!=null&&x(q,b(h[N]),F(G))}let[k,K]=Xo(o,l);if(f.fill!=null||k!=0){let N=Z.fill=new Path2D(
q),G=f.fillTo(o,l,f.min,f.max,k),V=F(G),le=b(h[i]),R=b(h[a]);L==-1&&([R,le]=[le,R]),x(N,R,V),x(N,le,V)}if(!f.spanGaps){let N=[];ee&&N.push(...es(h,p,i,a,L,b,t)),
Z.gaps=N=f.gaps(o,l,i,a,N),Z.clip=In(N,g.ori,D,P,z,H)}return K!=0&&(Z.band=K==2?[Ut(o,l,i,a,q,-1),Ut(o,l,i,a,q,1)]:Ut(o,l,i,a,q,K)),Z})}function Jc(e){let t=se(
e.align,1),o=se(e.ascDesc,!1),l=se(e.alignGaps,0),i=se(e.extend,!1);return(a,f,h,p)=>yl(a,f,(g,v,d,w,D,P,z,H,I,b,F)=>{[h,p]=zn(d,h,p);let x=g.pxRound,{left:J,width:L}=a.
bbox,Z=ne=>x(P(ne,w,b,H)),q=ne=>x(z(ne,D,F,I)),ee=w.ori==0?ql:jl,Y={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Bl},k=Y.stroke,K=w.dir*(w.ori==
0?1:-1),N=q(d[K==1?h:p]),G=Z(v[K==1?h:p]),V=G,le=G;i&&t==-1&&(le=J,ee(k,le,N)),ee(k,G,N);for(let ne=K==1?h:p;ne>=h&&ne<=p;ne+=K){let fe=d[ne];if(fe==null)continue;
let Q=Z(v[ne]),$=q(fe);t==1?ee(k,Q,N):ee(k,V,$),ee(k,Q,$),N=$,V=Q}let R=V;i&&t==1&&(R=J+L,ee(k,R,N));let[et,_e]=Xo(a,f);if(g.fill!=null||et!=0){let ne=Y.fill=new Path2D(
k),fe=g.fillTo(a,f,g.min,g.max,et),Q=q(fe);ee(ne,R,Q),ee(ne,le,Q)}if(!g.spanGaps){let ne=[];ne.push(...es(v,d,h,p,K,Z,l));let fe=g.width*re/2,Q=o||t==1?fe:-fe,$=o||
t==-1?-fe:fe;ne.forEach(Ce=>{Ce[0]+=Q,Ce[1]+=$}),Y.gaps=ne=g.gaps(a,f,h,p,ne),Y.clip=In(ne,w.ori,H,I,b,F)}return _e!=0&&(Y.band=_e==2?[Ut(a,f,h,p,k,-1),Ut(a,f,h,
p,k,1)]:Ut(a,f,h,p,k,_e)),Y})}function Ni(e,t,o,l,i,a,f=me){if(e.length>1){let h=null;for(let p=0,g=1/0;p<e.length;p++)if(t[p]!==void 0){if(h!=null){let v=$e(e[p]-
e[h]);v<g&&(g=v,f=$e(o(e[p],l,i,a)-o(e[h],l,i,a)))}h=p}}return f}function Zc(e){e=e||mn;let t=se(e.size,[.6,me,1]),o=e.align||0,l=e.gap||0,i=e.radius;i=i==null?
[0,0]:typeof i=="number"?[i,0]:i;let a=te(i),f=1-t[0],h=se(t[1],me),p=se(t[2],1),g=se(e.disp,mn),v=se(e.each,D=>{}),{fill:d,stroke:w}=g;return(D,P,z,H)=>yl(D,P,
(I,b,F,x,J,L,Z,q,ee,Y,k)=>{let K=I.pxRound,N=o,G=l*re,V=h*re,le=p*re,R,et;x.ori==0?[R,et]=a(D,P):[et,R]=a(D,P);let _e=x.dir*(x.ori==0?1:-1),ne=x.ori==0?Bn:ts,fe=x.
ori==0?v:(A,ge,Le,bl,nl,Pt,ol)=>{v(A,ge,Le,nl,bl,ol,Pt)},Q=se(D.bands,jo).find(A=>A.series[0]==P),$=Q!=null?Q.dir:0,Ce=I.fillTo(D,P,I.min,I.max,$),je=K(Z(Ce,J,k,
ee)),be,ae,vt,nt=Y,ke=K(I.width*re),Dt=!1,Ft=null,ht=null,Bt=null,Sl=null;d!=null&&(ke==0||w!=null)&&(Dt=!0,Ft=d.values(D,P,z,H),ht=new Map,new Set(Ft).forEach(
A=>{A!=null&&ht.set(A,new Path2D)}),ke>0&&(Bt=w.values(D,P,z,H),Sl=new Map,new Set(Bt).forEach(A=>{A!=null&&Sl.set(A,new Path2D)})));let{x0:vl,size:Zl}=g;if(vl!=
null&&Zl!=null){N=1,b=vl.values(D,P,z,H),vl.unit==2&&(b=b.map(Le=>D.posToVal(q+Le*Y,x.key,!0)));let A=Zl.values(D,P,z,H);Zl.unit==2?ae=A[0]*Y:ae=L(A[0],x,Y,q)-L(
0,x,Y,q),nt=Ni(b,F,L,x,Y,q,nt),vt=nt-ae+G}else nt=Ni(b,F,L,x,Y,q,nt),vt=nt*f+G,ae=nt-vt;vt<1&&(vt=0),ke>=ae/2&&(ke=0),vt<5&&(K=Ii);let yn=vt>0,tl=nt-vt-(yn?ke:0);
ae=K(Ro(tl,le,V)),be=(N==0?ae/2:N==_e?0:ae)-N*_e*((N==0?G/2:0)+(yn?ke/2:0));let Ke={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},_l=Dt?null:new Path2D,
Ht=null;if(Q!=null)Ht=D.data[Q.series[1]];else{let{y0:A,y1:ge}=g;A!=null&&ge!=null&&(F=ge.values(D,P,z,H),Ht=A.values(D,P,z,H))}let ll=R*ae,j=et*ae;for(let A=_e==
1?z:H;A>=z&&A<=H;A+=_e){let ge=F[A];if(ge==null)continue;if(Ht!=null){let tt=Ht[A]??0;if(ge-tt==0)continue;je=Z(tt,J,k,ee)}let Le=x.distr!=2||g!=null?b[A]:A,bl=L(
Le,x,Y,q),nl=Z(se(ge,Ce),J,k,ee),Pt=K(bl-be),ol=K(Xe(nl,je)),ot=K(Lt(nl,je)),pt=ol-ot;if(ge!=null){let tt=ge<0?j:ll,_t=ge<0?ll:j;Dt?(ke>0&&Bt[A]!=null&&ne(Sl.get(
Bt[A]),Pt,ot+ct(ke/2),ae,Xe(0,pt-ke),tt,_t),Ft[A]!=null&&ne(ht.get(Ft[A]),Pt,ot+ct(ke/2),ae,Xe(0,pt-ke),tt,_t)):ne(_l,Pt,ot+ct(ke/2),ae,Xe(0,pt-ke),tt,_t),fe(D,
P,A,Pt-ke/2,ot,ae+ke,pt)}}return ke>0?Ke.stroke=Dt?Sl:_l:Dt||(Ke._fill=I.width==0?I._fill:I._stroke??I._fill,Ke.width=0),Ke.fill=Dt?ht:_l,Ke})}function Qc(e,t){
let o=se(t?.alignGaps,0);return(l,i,a,f)=>yl(l,i,(h,p,g,v,d,w,D,P,z,H,I)=>{[a,f]=zn(g,a,f);let b=h.pxRound,F=R=>b(w(R,v,H,P)),x=R=>b(D(R,d,I,z)),J,L,Z;v.ori==0?
(J=Gn,Z=ql,L=dr):(J=Un,Z=jl,L=gr);let q=v.dir*(v.ori==0?1:-1),ee=F(p[q==1?a:f]),Y=ee,k=[],K=[];for(let R=q==1?a:f;R>=a&&R<=f;R+=q)if(g[R]!=null){let _e=p[R],ne=F(
_e);k.push(Y=ne),K.push(x(g[R]))}let N={stroke:e(k,K,J,Z,L,b),fill:null,clip:null,band:null,gaps:null,flags:Bl},G=N.stroke,[V,le]=Xo(l,i);if(h.fill!=null||V!=0){
let R=N.fill=new Path2D(G),et=h.fillTo(l,i,h.min,h.max,V),_e=x(et);Z(R,Y,_e),Z(R,ee,_e)}if(!h.spanGaps){let R=[];R.push(...es(p,g,a,f,q,F,o)),N.gaps=R=h.gaps(l,
i,a,f,R),N.clip=In(R,v.ori,P,z,H,I)}return le!=0&&(N.band=le==2?[Ut(l,i,a,f,G,-1),Ut(l,i,a,f,G,1)]:Ut(l,i,a,f,G,le)),N})}function Xc(e){return Qc(ef,e)}function ef(e,t,o,l,i,a){
let f=e.length;if(f<2)return null;let h=new Path2D;if(o(h,e[0],t[0]),f==2)l(h,e[1],t[1]);else{let p=Array(f),g=Array(f-1),v=Array(f-1),d=Array(f-1);for(let w=0;w<
f-1;w++)v[w]=t[w+1]-t[w],d[w]=e[w+1]-e[w],g[w]=v[w]/d[w];p[0]=g[0];for(let w=1;w<f-1;w++)g[w]===0||g[w-1]===0||g[w-1]>0!=g[w]>0?p[w]=0:(p[w]=3*(d[w-1]+d[w])/((2*
d[w]+d[w-1])/g[w-1]+(d[w]+2*d[w-1])/g[w]),isFinite(p[w])||(p[w]=0));p[f-1]=g[f-2];for(let w=0;w<f-1;w++)i(h,e[w]+d[w]/3,t[w]+p[w]*d[w]/3,e[w+1]-d[w]/3,t[w+1]-p[w+
1]*d[w]/3,e[w+1],t[w+1])}return h}var Ho=new Set;function $i(){for(let e of Ho)e.syncRect(!0)}Yl&&(gl($a,Wl,$i),gl(Oa,Wl,$i,!0),gl(On,Wl,()=>{Oe.pxRatio=re}));var tf=Sr(),
lf=wr();function Oi(e,t,o,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((a,f)=>Wo(a,f,t,o))}function nf(e,t){return e.map((o,l)=>l==
0?{}:Ae({},t,o))}function Wo(e,t,o,l){return Ae({},t==0?o:l,e)}function vr(e,t,o){return t==null?Gl:[t,o]}var of=vr;function sf(e,t,o){return t==null?Gl:Rn(t,o,
Yo,!0)}function _r(e,t,o,l){return t==null?Gl:Fn(t,o,e.scales[l].log,!1)}var rf=_r;function br(e,t,o,l){return t==null?Gl:Bo(t,o,e.scales[l].log,!1)}var af=br;function cf(e,t,o,l,i){
let a=Xe(pi(e),pi(t)),f=t-e,h=Ct(i/l*f,o);do{let p=o[h],g=l*p/f;if(g>=i&&a+(p<5?Xt.get(p):0)<=17)return[p,g]}while(++h<o.length);return[0,0]}function Ri(e){let t,
o;return e=e.replace(/(\d+)px/,(l,i)=>(t=Ne((o=+i)*re))+"px"),[e,t,o]}function ff(e){e.show&&[e.font,e.labelFont].forEach(t=>{let o=de(t[2]*re,1);t[0]=t[0].replace(
/[0-9.]+px/,o+"px"),t[1]=o})}function Oe(e,t,o){let l={mode:se(e.mode,1)},i=l.mode;function a(n,s,r,c){let u=s.valToPct(n);return c+r*(s.dir==-1?1-u:u)}function f(n,s,r,c){
let u=s.valToPct(n);return c+r*(s.dir==-1?u:1-u)}function h(n,s,r,c){return s.ori==0?a(n,s,r,c):f(n,s,r,c)}l.valToPosH=a,l.valToPosV=f;let p=!1;l.status=0;let g=l.
root=yt(ga);if(e.id!=null&&(g.id=e.id),at(g,e.class),e.title){let n=yt(Sa,g);n.textContent=e.title}let v=At("canvas"),d=l.ctx=v.getContext("2d"),w=yt(va,g);gl("\
click",w,n=>{n.target===P&&(we!=Nl||xe!=$l)&&Be.click(l,n)},!0);let D=l.under=yt(_a,w);w.appendChild(v);let P=l.over=yt(ba,w);e=Ul(e);let z=+se(e.pxAlign,1),H=Pi(
z);(e.plugins||[]).forEach(n=>{n.opts&&(e=n.opts(l,e)||e)});let I=e.ms||.001,b=l.series=i==1?Oi(e.series||[],Ti,Li,!1):nf(e.series||[null],Ci),F=l.axes=Oi(e.axes||
[],ki,Mi,!0),x=l.scales={},J=l.bands=e.bands||[];J.forEach(n=>{n.fill=te(n.fill||null),n.dir=se(n.dir,-1)});let L=i==2?b[1].facets[0].scale:b[0].scale,Z={axes:Zr,
series:Yr},q=(e.drawOrder||["axes","series"]).map(n=>Z[n]);function ee(n){let s=n.distr==3?r=>Gt(r>0?r:n.clamp(l,r,n.min,n.max,n.key)):n.distr==4?r=>Ao(r,n.asinh):
n.distr==100?r=>n.fwd(r):r=>r;return r=>{let c=s(r),{_min:u,_max:m}=n,y=m-u;return(c-u)/y}}function Y(n){let s=x[n];if(s==null){let r=(e.scales||mn)[n]||mn;if(r.
from!=null){Y(r.from);let c=Ae({},x[r.from],r,{key:n});c.valToPct=ee(c),x[n]=c}else{s=x[n]=Ae({},n==L?fr:Bc,r),s.key=n;let c=s.time,u=s.range,m=Qt(u);if((n!=L||
i==2&&!c)&&(m&&(u[0]==null||u[1]==null)&&(u={min:u[0]==null?fi:{mode:1,hard:u[0],soft:u[0]},max:u[1]==null?fi:{mode:1,hard:u[1],soft:u[1]}},m=!1),!m&&Wn(u))){let y=u;
u=(S,_,T)=>_==null?Gl:Rn(_,T,y)}s.range=te(u||(c?of:n==L?s.distr==3?rf:s.distr==4?af:vr:s.distr==3?_r:s.distr==4?br:sf)),s.auto=te(m?!1:s.auto),s.clamp=te(s.clamp||
Uc),s._min=s._max=null,s.valToPct=ee(s)}}}Y("x"),Y("y"),i==1&&b.forEach(n=>{Y(n.scale)}),F.forEach(n=>{Y(n.scale)});for(let n in e.scales)Y(n);let k=x[L],K=k.distr,
N,G;k.ori==0?(at(g,wa),N=a,G=f):(at(g,ya),N=f,G=a);let V={};for(let n in x){let s=x[n];(s.min!=null||s.max!=null)&&(V[n]={min:s.min,max:s.max},s.min=s.max=null)}
let le=e.tzDate||(n=>new Date(Ne(n/I))),R=e.fmtDate||Ko,et=I==1?wc(le):vc(le),_e=_i(le,vi(I==1?gc:Sc,R)),ne=xi(le,bi(bc,R)),fe=[],Q=l.legend=Ae({},Tc,e.legend),
$=l.cursor=Ae({},Dc,{drag:{y:i==2}},e.cursor),Ce=Q.show,je=$.show,be=Q.markers;Q.idxs=fe,be.width=te(be.width),be.dash=te(be.dash),be.stroke=te(be.stroke),be.fill=
te(be.fill);let ae,vt,nt,ke=[],Dt=[],Ft,ht=!1,Bt={};if(Q.live){let n=b[1]?b[1].values:null;ht=n!=null,Ft=ht?n(l,1,0):{_:0};for(let s in Ft)Bt[s]=Go}if(Ce)if(ae=
At("table",Aa,g),nt=At("tbody",null,ae),Q.mount(l,ae),ht){vt=At("thead",null,ae,nt);let n=At("tr",null,vt);At("th",null,n);for(var Sl in Ft)At("th",Zs,n).textContent=
Sl}else at(ae,La),Q.live&&at(ae,Ca);let vl={show:!0},Zl={show:!1};function yn(n,s){if(s==0&&(ht||!Q.live||i==2))return Gl;let r=[],c=At("tr",Da,nt,nt.childNodes[s]);
at(c,n.class),n.show||at(c,dl);let u=At("th",null,c);if(be.show){let S=yt(Pa,u);if(s>0){let _=be.width(l,s);_&&(S.style.border=_+"px "+be.dash(l,s)+" "+be.stroke(
l,s)),S.style.background=be.fill(l,s)}}let m=yt(Zs,u);n.label instanceof HTMLElement?m.appendChild(n.label):m.textContent=n.label,s>0&&(be.show||(m.style.color=
n.width>0?be.stroke(l,s):be.fill(l,s)),Ke("click",u,S=>{if($._lock)return;il(S);let _=b.indexOf(n);if((S.ctrlKey||S.metaKey)!=Q.isolate){let T=b.some((E,C)=>C>0&&
C!=_&&E.show);b.forEach((E,C)=>{C>0&&$t(C,T?C==_?vl:Zl:vl,!0,Me.setSeries)})}else $t(_,{show:!n.show},!0,Me.setSeries)},!1),kl&&Ke(ti,u,S=>{$._lock||(il(S),$t(b.
indexOf(n),Rl,!0,Me.setSeries))},!1));for(var y in Ft){let S=At("td",Na,c);S.textContent="--",r.push(S)}return[c,r]}let tl=new Map;function Ke(n,s,r,c=!0){let u=tl.
get(s)||{},m=$.bind[n](l,s,r,c);m&&(gl(n,s,u[n]=m),tl.set(s,u))}function _l(n,s,r){let c=tl.get(s)||{};for(let u in c)(n==null||u==n)&&(Oo(u,s,c[u]),delete c[u]);
n==null&&tl.delete(s)}let Ht=0,ll=0,j=0,A=0,ge=0,Le=0,bl=ge,nl=Le,Pt=j,ol=A,ot=0,pt=0,tt=0,_t=0;l.bbox={};let Kn=!1,Sn=!1,xl=!1,sl=!1,vn=!1,mt=!1;function Jn(n,s,r){
(r||n!=l.width||s!=l.height)&&as(n,s),Cl(!1),xl=!0,Sn=!0,Ll()}function as(n,s){l.width=Ht=j=n,l.height=ll=A=s,ge=Le=0,Fr(),Hr();let r=l.bbox;ot=r.left=pl(ge*re,
.5),pt=r.top=pl(Le*re,.5),tt=r.width=pl(j*re,.5),_t=r.height=pl(A*re,.5)}let Rr=3;function Vr(){let n=!1,s=0;for(;!n;){s++;let r=Kr(s),c=Jr(s);n=s==Rr||r&&c,n||
(as(l.width,l.height),Sn=!0)}}function zr({width:n,height:s}){Jn(n,s)}l.setSize=zr;function Fr(){let n=!1,s=!1,r=!1,c=!1;F.forEach((u,m)=>{if(u.show&&u._show){let{
side:y,_size:S}=u,_=y%2,T=u.label!=null?u.labelSize:0,E=S+T;E>0&&(_?(j-=E,y==3?(ge+=E,c=!0):r=!0):(A-=E,y==0?(Le+=E,n=!0):s=!0))}}),rl[0]=n,rl[1]=r,rl[2]=s,rl[3]=
c,j-=Yt[1]+Yt[3],ge+=Yt[3],A-=Yt[2]+Yt[0],Le+=Yt[0]}function Hr(){let n=ge+j,s=Le+A,r=ge,c=Le;function u(m,y){switch(m){case 1:return n+=y,n-y;case 2:return s+=
y,s-y;case 3:return r-=y,r+y;case 0:return c-=y,c+y}}F.forEach((m,y)=>{if(m.show&&m._show){let S=m.side;m._pos=u(S,m._size),m.label!=null&&(m._lpos=u(S,m.labelSize))}})}
if($.dataIdx==null){let n=$.hover,s=n.skip=new Set(n.skip??[]);s.add(void 0);let r=n.prox=te(n.prox),c=n.bias??(n.bias=0);$.dataIdx=(u,m,y,S)=>{if(m==0)return y;
let _=y,T=r(u,m,y,S)??me,E=T>=0&&T<me,C=k.ori==0?j:A,U=$.left,ie=t[0],oe=t[m];if(s.has(oe[y])){_=null;let X=null,W=null,O;if(c==0||c==-1)for(O=y;X==null&&O-- >0;)
s.has(oe[O])||(X=O);if(c==0||c==1)for(O=y;W==null&&O++<oe.length;)s.has(oe[O])||(W=O);if(X!=null||W!=null)if(E){let Se=X==null?-1/0:N(ie[X],k,C,0),Te=W==null?1/0:
N(ie[W],k,C,0),Ie=U-Se,ue=Te-U;Ie<=ue?Ie<=T&&(_=X):ue<=T&&(_=W)}else _=W==null?X:X==null?W:y-X<=W-y?X:W}else E&&$e(U-N(ie[y],k,C,0))>T&&(_=null);return _}}let il=n=>{
$.event=n};$.idxs=fe,$._lock=!1;let Ye=$.points;Ye.show=te(Ye.show),Ye.size=te(Ye.size),Ye.stroke=te(Ye.stroke),Ye.width=te(Ye.width),Ye.fill=te(Ye.fill);let Nt=l.
focus=Ae({},e.focus||{alpha:.3},$.focus),kl=Nt.prox>=0,Tl=kl&&Ye.one,dt=[],El=[],Ml=[];function cs(n,s){let r=Ye.show(l,s);if(r instanceof HTMLElement)return at(
r,Ma),at(r,n.class),zt(r,-10,-10,j,A),P.insertBefore(r,dt[s]),r}function fs(n,s){if(i==1||s>0){let r=i==1&&x[n.scale].time,c=n.value;n.value=r?gi(c)?xi(le,bi(c,
R)):c||ne:c||Wc,n.label=n.label||(r?Nc:Pc)}if(Tl||s>0){n.width=n.width==null?1:n.width,n.paths=n.paths||tf||Ba,n.fillTo=te(n.fillTo||Yc),n.pxAlign=+se(n.pxAlign,
z),n.pxRound=Pi(n.pxAlign),n.stroke=te(n.stroke||null),n.fill=te(n.fill||null),n._stroke=n._fill=n._paths=n._focus=null;let r=Ic(Xe(1,n.width),1),c=n.points=Ae(
{},{size:r,width:Xe(1,r*.2),stroke:n.stroke,space:r*2,paths:lf,_stroke:null,_fill:null},n.points);c.show=te(c.show),c.filter=te(c.filter),c.fill=te(c.fill),c.stroke=
te(c.stroke),c.paths=te(c.paths),c.pxAlign=n.pxAlign}if(Ce){let r=yn(n,s);ke.splice(s,0,r[0]),Dt.splice(s,0,r[1]),Q.values.push(null)}if(je){fe.splice(s,0,null);
let r=null;Tl?s==0&&(r=cs(n,s)):s>0&&(r=cs(n,s)),dt.splice(s,0,r),El.splice(s,0,0),Ml.splice(s,0,0)}We("addSeries",s)}function Wr(n,s){s=s??b.length,n=i==1?Wo(n,
s,Ti,Li):Wo(n,s,{},Ci),b.splice(s,0,n),fs(b[s],s)}l.addSeries=Wr;function Ir(n){if(b.splice(n,1),Ce){Q.values.splice(n,1),Dt.splice(n,1);let s=ke.splice(n,1)[0];
_l(null,s.firstChild),s.remove()}je&&(fe.splice(n,1),dt.splice(n,1)[0].remove(),El.splice(n,1),Ml.splice(n,1)),We("delSeries",n)}l.delSeries=Ir;let rl=[!1,!1,!1,
!1];function Gr(n,s){if(n._show=n.show,n.show){let r=n.side%2,c=x[n.scale];c==null&&(n.scale=r?b[1].scale:L,c=x[n.scale]);let u=c.time;n.size=te(n.size),n.space=
te(n.space),n.rotate=te(n.rotate),Qt(n.incrs)&&n.incrs.forEach(y=>{!Xt.has(y)&&Xt.set(y,Bi(y))}),n.incrs=te(n.incrs||(c.distr==2?pc:u?I==1?dc:yc:ml)),n.splits=te(
n.splits||(u&&c.distr==1?et:c.distr==3?Vo:c.distr==4?Rc:Oc)),n.stroke=te(n.stroke),n.grid.stroke=te(n.grid.stroke),n.ticks.stroke=te(n.ticks.stroke),n.border.stroke=
te(n.border.stroke);let m=n.values;n.values=Qt(m)&&!Qt(m[0])?te(m):u?Qt(m)?_i(le,vi(m,R)):gi(m)?_c(le,m):m||_e:m||$c,n.filter=te(n.filter||(c.distr>=3&&c.log==10?
Fc:c.distr==3&&c.log==2?Hc:Gi)),n.font=Ri(n.font),n.labelFont=Ri(n.labelFont),n._size=n.size(l,null,s,0),n._space=n._rotate=n._incrs=n._found=n._splits=n._values=
null,n._size>0&&(rl[s]=!0,n._el=yt(xa,w))}}function Ql(n,s,r,c){let[u,m,y,S]=r,_=s%2,T=0;return _==0&&(S||m)&&(T=s==0&&!u||s==2&&!y?Ne(ki.size/3):0),_==1&&(u||y)&&
(T=s==1&&!m||s==3&&!S?Ne(Mi.size/2):0),T}let us=l.padding=(e.padding||[Ql,Ql,Ql,Ql]).map(n=>te(se(n,Ql))),Yt=l._padding=us.map((n,s)=>n(l,s,rl,0)),Ue,Ve=null,ze=null,
_n=i==1?b[0].idxs:null,bt=null,Xl=!1;function hs(n,s){if(t=n??[],l.data=l._data=t,i==2){Ue=0;for(let r=1;r<b.length;r++)Ue+=t[r][0].length}else{t.length==0&&(l.
data=l._data=t=[[]]),bt=t[0],Ue=bt.length;let r=t;if(K==2){r=t.slice();let c=r[0]=Array(Ue);for(let u=0;u<Ue;u++)c[u]=u}l._data=t=r}if(Cl(!0),We("setData"),K==2&&
(xl=!0),s!==!1){let r=k;r.auto(l,Xl)?Zn():jt(L,r.min,r.max),sl=sl||$.left>=0,mt=!0,Ll()}}l.setData=hs;function Zn(){Xl=!0;let n,s;i==1&&(Ue>0?(Ve=_n[0]=0,ze=_n[1]=
Ue-1,n=t[0][Ve],s=t[0][ze],K==2?(n=Ve,s=ze):n==s&&(K==3?[n,s]=Fn(n,n,k.log,!1):K==4?[n,s]=Bo(n,n,k.log,!1):k.time?s=n+Ne(86400/I):[n,s]=Rn(n,s,Yo,!0))):(Ve=_n[0]=
n=null,ze=_n[1]=s=null)),jt(L,n,s)}let bn,Al,Qn,Xn,eo,to,lo,no,oo,lt;function ps(n,s,r,c,u,m){n??(n=Xs),r??(r=jo),c??(c="butt"),u??(u=Xs),m??(m="round"),n!=bn&&
(d.strokeStyle=bn=n),u!=Al&&(d.fillStyle=Al=u),s!=Qn&&(d.lineWidth=Qn=s),m!=eo&&(d.lineJoin=eo=m),c!=to&&(d.lineCap=to=c),r!=Xn&&d.setLineDash(Xn=r)}function ms(n,s,r,c){
s!=Al&&(d.fillStyle=Al=s),n!=lo&&(d.font=lo=n),r!=no&&(d.textAlign=no=r),c!=oo&&(d.textBaseline=oo=c)}function so(n,s,r,c,u=0){if(c.length>0&&n.auto(l,Xl)&&(s==
null||s.min==null)){let m=se(Ve,0),y=se(ze,c.length-1),S=r.min==null?Fa(c,m,y,u,n.distr==3):[r.min,r.max];n.min=Lt(n.min,r.min=S[0]),n.max=Xe(n.max,r.max=S[1])}}
let ds={min:null,max:null};function Ur(){for(let c in x){let u=x[c];V[c]==null&&(u.min==null||V[L]!=null&&u.auto(l,Xl))&&(V[c]=ds)}for(let c in x){let u=x[c];V[c]==
null&&u.from!=null&&V[u.from]!=null&&(V[c]=ds)}V[L]!=null&&Cl(!0);let n={};for(let c in V){let u=V[c];if(u!=null){let m=n[c]=Ul(x[c],ja);if(u.min!=null)Ae(m,u);else if(c!=
L||i==2)if(Ue==0&&m.from==null){let y=m.range(l,null,null,c);m.min=y[0],m.max=y[1]}else m.min=me,m.max=-me}}if(Ue>0){b.forEach((c,u)=>{if(i==1){let m=c.scale,y=V[m];
if(y==null)return;let S=n[m];if(u==0){let _=S.range(l,S.min,S.max,m);S.min=_[0],S.max=_[1],Ve=Ct(S.min,t[0]),ze=Ct(S.max,t[0]),ze-Ve>1&&(t[0][Ve]<S.min&&Ve++,t[0][ze]>
S.max&&ze--),c.min=bt[Ve],c.max=bt[ze]}else c.show&&c.auto&&so(S,y,c,t[u],c.sorted);c.idxs[0]=Ve,c.idxs[1]=ze}else if(u>0&&c.show&&c.auto){let[m,y]=c.facets,S=m.
scale,_=y.scale,[T,E]=t[u],C=n[S],U=n[_];C!=null&&so(C,V[S],m,T,m.sorted),U!=null&&so(U,V[_],y,E,y.sorted),c.min=y.min,c.max=y.max}});for(let c in n){let u=n[c],
m=V[c];if(u.from==null&&(m==null||m.min==null)){let y=u.range(l,u.min==me?null:u.min,u.max==-me?null:u.max,c);u.min=y[0],u.max=y[1]}}}for(let c in n){let u=n[c];
if(u.from!=null){let m=n[u.from];if(m.min==null)u.min=u.max=null;else{let y=u.range(l,m.min,m.max,c);u.min=y[0],u.max=y[1]}}}let s={},r=!1;for(let c in n){let u=n[c],
m=x[c];if(m.min!=u.min||m.max!=u.max){m.min=u.min,m.max=u.max;let y=m.distr;m._min=y==3?Gt(m.min):y==4?Ao(m.min,m.asinh):y==100?m.fwd(m.min):m.min,m._max=y==3?Gt(
m.max):y==4?Ao(m.max,m.asinh):y==100?m.fwd(m.max):m.max,s[c]=r=!0}}if(r){b.forEach((c,u)=>{i==2?u>0&&s.y&&(c._paths=null):s[c.scale]&&(c._paths=null)});for(let c in s)
xl=!0,We("setScale",c);je&&$.left>=0&&(sl=mt=!0)}for(let c in V)V[c]=null}function Br(n){let s=Ro(Ve-1,0,Ue-1),r=Ro(ze+1,0,Ue-1);for(;n[s]==null&&s>0;)s--;for(;n[r]==
null&&r<Ue-1;)r++;return[s,r]}function Yr(){if(Ue>0){let n=b.some(s=>s._focus)&&lt!=Nt.alpha;n&&(d.globalAlpha=lt=Nt.alpha),b.forEach((s,r)=>{if(r>0&&s.show&&(gs(
r,!1),gs(r,!0),s._paths==null)){let c=lt;lt!=s.alpha&&(d.globalAlpha=lt=s.alpha);let u=i==2?[0,t[r][0].length-1]:Br(t[r]);s._paths=s.paths(l,r,u[0],u[1]),lt!=c&&
(d.globalAlpha=lt=c)}}),b.forEach((s,r)=>{if(r>0&&s.show){let c=lt;lt!=s.alpha&&(d.globalAlpha=lt=s.alpha),s._paths!=null&&ws(r,!1);{let u=s._paths!=null?s._paths.
gaps:null,m=s.points.show(l,r,Ve,ze,u),y=s.points.filter(l,r,m,u);(m||y)&&(s.points._paths=s.points.paths(l,r,Ve,ze,y),ws(r,!0))}lt!=c&&(d.globalAlpha=lt=c),We(
"drawSeries",r)}}),n&&(d.globalAlpha=lt=1)}}function gs(n,s){let r=s?b[n].points:b[n];r._stroke=r.stroke(l,n),r._fill=r.fill(l,n)}function ws(n,s){let r=s?b[n].
points:b[n],{stroke:c,fill:u,clip:m,flags:y,_stroke:S=r._stroke,_fill:_=r._fill,_width:T=r.width}=r._paths;T=de(T*re,3);let E=null,C=T%2/2;s&&_==null&&(_=T>0?"#\
fff":S);let U=r.pxAlign==1&&C>0;if(U&&d.translate(C,C),!s){let ie=ot-T/2,oe=pt-T/2,X=tt+T,W=_t+T;E=new Path2D,E.rect(ie,oe,X,W)}s?io(S,T,r.dash,r.cap,_,c,u,y,m):
qr(n,S,T,r.dash,r.cap,_,c,u,y,E,m),U&&d.translate(-C,-C)}function qr(n,s,r,c,u,m,y,S,_,T,E){let C=!1;_!=0&&J.forEach((U,ie)=>{if(U.series[0]==n){let oe=b[U.series[1]],
X=t[U.series[1]],W=(oe._paths||mn).band;Qt(W)&&(W=U.dir==1?W[0]:W[1]);let O,Se=null;oe.show&&W&&Wa(X,Ve,ze)?(Se=U.fill(l,ie)||m,O=oe._paths.clip):W=null,io(s,r,
c,u,Se,y,S,_,T,E,O,W),C=!0}}),C||io(s,r,c,u,m,y,S,_,T,E)}let ys=Bl|Fo;function io(n,s,r,c,u,m,y,S,_,T,E,C){ps(n,s,r,c,u),(_||T||C)&&(d.save(),_&&d.clip(_),T&&d.
clip(T)),C?(S&ys)==ys?(d.clip(C),E&&d.clip(E),kn(u,y),xn(n,m,s)):S&Fo?(kn(u,y),d.clip(C),xn(n,m,s)):S&Bl&&(d.save(),d.clip(C),E&&d.clip(E),kn(u,y),d.restore(),xn(
n,m,s)):(kn(u,y),xn(n,m,s)),(_||T||C)&&d.restore()}function xn(n,s,r){r>0&&(s instanceof Map?s.forEach((c,u)=>{d.strokeStyle=bn=u,d.stroke(c)}):s!=null&&n&&d.stroke(
s))}function kn(n,s){s instanceof Map?s.forEach((r,c)=>{d.fillStyle=Al=c,d.fill(r)}):s!=null&&n&&d.fill(s)}function jr(n,s,r,c){let u=F[n],m;if(c<=0)m=[0,0];else{
let y=u._space=u.space(l,n,s,r,c),S=u._incrs=u.incrs(l,n,s,r,c,y);m=cf(s,r,S,c,y)}return u._found=m}function ro(n,s,r,c,u,m,y,S,_,T){let E=y%2/2;z==1&&d.translate(
E,E),ps(S,y,_,T,S),d.beginPath();let C,U,ie,oe,X=u+(c==0||c==3?-m:m);r==0?(U=u,oe=X):(C=u,ie=X);for(let W=0;W<n.length;W++)s[W]!=null&&(r==0?C=ie=n[W]:U=oe=n[W],
d.moveTo(C,U),d.lineTo(ie,oe));d.stroke(),z==1&&d.translate(-E,-E)}function Kr(n){let s=!0;return F.forEach((r,c)=>{if(!r.show)return;let u=x[r.scale];if(u.min==
null){r._show&&(s=!1,r._show=!1,Cl(!1));return}else r._show||(s=!1,r._show=!0,Cl(!1));let m=r.side,y=m%2,{min:S,max:_}=u,[T,E]=jr(c,S,_,y==0?j:A);if(E==0)return;
let C=u.distr==2,U=r._splits=r.splits(l,c,S,_,T,E,C),ie=u.distr==2?U.map(O=>bt[O]):U,oe=u.distr==2?bt[U[1]]-bt[U[0]]:T,X=r._values=r.values(l,r.filter(l,ie,c,E,
oe),c,E,oe);r._rotate=m==2?r.rotate(l,X,c,E):0;let W=r._size;r._size=St(r.size(l,X,c,n)),W!=null&&r._size!=W&&(s=!1)}),s}function Jr(n){let s=!0;return us.forEach(
(r,c)=>{let u=r(l,c,rl,n);u!=Yt[c]&&(s=!1),Yt[c]=u}),s}function Zr(){for(let n=0;n<F.length;n++){let s=F[n];if(!s.show||!s._show)continue;let r=s.side,c=r%2,u,m,
y=s.stroke(l,n),S=r==0||r==3?-1:1,[_,T]=s._found;if(s.label!=null){let Ze=s.labelGap*S,rt=Ne((s._lpos+Ze)*re);ms(s.labelFont[0],y,"center",r==2?"top":Qs),d.save(),
c==1?(u=m=0,d.translate(rt,Ne(pt+_t/2)),d.rotate((r==3?-$n:$n)/2)):(u=Ne(ot+tt/2),m=rt);let fl=Wi(s.label)?s.label(l,n,_,T):s.label;d.fillText(fl,u,m),d.restore()}
if(T==0)continue;let E=x[s.scale],C=c==0?tt:_t,U=c==0?ot:pt,ie=s._splits,oe=E.distr==2?ie.map(Ze=>bt[Ze]):ie,X=E.distr==2?bt[ie[1]]-bt[ie[0]]:_,W=s.ticks,O=s.border,
Se=W.show?W.size:0,Te=Ne(Se*re),Ie=Ne((s.alignTo==2?s._size-Se-s.gap:s.gap)*re),ue=s._rotate*-$n/180,Ee=H(s._pos*re),st=(Te+Ie)*S,Je=Ee+st;m=c==0?Je:0,u=c==1?Je:
0;let gt=s.font[0],xt=s.align==1?Fl:s.align==2?To:ue>0?Fl:ue<0?To:c==0?"center":r==3?To:Fl,Rt=ue||c==1?"middle":r==2?"top":Qs;ms(gt,y,xt,Rt);let it=s.font[1]*s.
lineGap,wt=ie.map(Ze=>H(h(Ze,E,C,U))),kt=s._values;for(let Ze=0;Ze<kt.length;Ze++){let rt=kt[Ze];if(rt!=null){c==0?u=wt[Ze]:m=wt[Ze],rt=""+rt;let fl=rt.indexOf(
`
`)==-1?[rt]:rt.split(/\n/gm);for(let Qe=0;Qe<fl.length;Qe++){let Vs=fl[Qe];ue?(d.save(),d.translate(u,m+Qe*it),d.rotate(ue),d.fillText(Vs,0,0),d.restore()):d.fillText(
Vs,u,m+Qe*it)}}}W.show&&ro(wt,W.filter(l,oe,n,T,X),c,r,Ee,Te,de(W.width*re,3),W.stroke(l,n),W.dash,W.cap);let Vt=s.grid;Vt.show&&ro(wt,Vt.filter(l,oe,n,T,X),c,c==
0?2:1,c==0?pt:ot,c==0?_t:tt,de(Vt.width*re,3),Vt.stroke(l,n),Vt.dash,Vt.cap),O.show&&ro([Ee],[1],c==0?1:0,c==0?1:2,c==1?pt:ot,c==1?_t:tt,de(O.width*re,3),O.stroke(
l,n),O.dash,O.cap)}We("drawAxes")}function Cl(n){b.forEach((s,r)=>{r>0&&(s._paths=null,n&&(i==1?(s.min=null,s.max=null):s.facets.forEach(c=>{c.min=null,c.max=null})))})}
let Tn=!1,ao=!1,en=[];function Qr(){ao=!1;for(let n=0;n<en.length;n++)We(...en[n]);en.length=0}function Ll(){Tn||(tc(Ss),Tn=!0)}function Xr(n,s=!1){Tn=!0,ao=s,n(
l),Ss(),s&&en.length>0&&queueMicrotask(Qr)}l.batch=Xr;function Ss(){if(Kn&&(Ur(),Kn=!1),xl&&(Vr(),xl=!1),Sn){if(ve(D,Fl,ge),ve(D,"top",Le),ve(D,fn,j),ve(D,un,A),
ve(P,Fl,ge),ve(P,"top",Le),ve(P,fn,j),ve(P,un,A),ve(w,fn,Ht),ve(w,un,ll),v.width=Ne(Ht*re),v.height=Ne(ll*re),F.forEach(({_el:n,_show:s,_size:r,_pos:c,side:u})=>{
if(n!=null)if(s){let m=u===3||u===0?r:0,y=u%2==1;ve(n,y?"left":"top",c-m),ve(n,y?"width":"height",r),ve(n,y?"top":"left",y?Le:ge),ve(n,y?"height":"width",y?A:j),
$o(n,dl)}else at(n,dl)}),bn=Al=Qn=eo=to=lo=no=oo=Xn=null,lt=1,nn(!0),ge!=bl||Le!=nl||j!=Pt||A!=ol){Cl(!1);let n=j/Pt,s=A/ol;if(je&&!sl&&$.left>=0){$.left*=n,$.top*=
s,Dl&&zt(Dl,Ne($.left),0,j,A),Pl&&zt(Pl,0,Ne($.top),j,A);for(let r=0;r<dt.length;r++){let c=dt[r];c!=null&&(El[r]*=n,Ml[r]*=s,zt(c,St(El[r]),St(Ml[r]),j,A))}}if(ye.
show&&!vn&&ye.left>=0&&ye.width>0){ye.left*=n,ye.width*=n,ye.top*=s,ye.height*=s;for(let r in mo)ve(Ol,r,ye[r])}bl=ge,nl=Le,Pt=j,ol=A}We("setSize"),Sn=!1}Ht>0&&
ll>0&&(d.clearRect(0,0,v.width,v.height),We("drawClear"),q.forEach(n=>n()),We("draw")),ye.show&&vn&&(En(ye),vn=!1),je&&sl&&(cl(null,!0,!1),sl=!1),Q.show&&Q.live&&
mt&&(ho(),mt=!1),p||(p=!0,l.status=1,We("ready")),Xl=!1,Tn=!1}l.redraw=(n,s)=>{xl=s||!1,n!==!1?jt(L,k.min,k.max):Ll()};function co(n,s){let r=x[n];if(r.from==null){
if(Ue==0){let c=r.range(l,s.min,s.max,n);s.min=c[0],s.max=c[1]}if(s.min>s.max){let c=s.min;s.min=s.max,s.max=c}if(Ue>1&&s.min!=null&&s.max!=null&&s.max-s.min<1e-16)
return;n==L&&r.distr==2&&Ue>0&&(s.min=Ct(s.min,t[0]),s.max=Ct(s.max,t[0]),s.min==s.max&&s.max++),V[n]=s,Kn=!0,Ll()}}l.setScale=co;let fo,uo,Dl,Pl,vs,_s,Nl,$l,bs,
xs,we,xe,qt=!1,Be=$.drag,Fe=Be.x,He=Be.y;je&&($.x&&(fo=yt(Ta,P)),$.y&&(uo=yt(Ea,P)),k.ori==0?(Dl=fo,Pl=uo):(Dl=uo,Pl=fo),we=$.left,xe=$.top);let ye=l.select=Ae(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),Ol=ye.show?yt(ka,ye.over?P:D):null;function En(n,s){if(ye.show){for(let r in n)ye[r]=n[r],r in mo&&ve(
Ol,r,n[r]);s!==!1&&We("setSelect")}}l.setSelect=En;function ea(n){if(b[n].show)Ce&&$o(ke[n],dl);else if(Ce&&at(ke[n],dl),je){let r=Tl?dt[0]:dt[n];r!=null&&zt(r,
-10,-10,j,A)}}function jt(n,s,r){co(n,{min:s,max:r})}function $t(n,s,r,c){s.focus!=null&&sa(n),s.show!=null&&b.forEach((u,m)=>{m>0&&(n==m||n==null)&&(u.show=s.show,
ea(m),i==2?(jt(u.facets[0].scale,null,null),jt(u.facets[1].scale,null,null)):jt(u.scale,null,null),Ll())}),r!==!1&&We("setSeries",n,s),c&&on("setSeries",l,n,s)}
l.setSeries=$t;function ta(n,s){Ae(J[n],s)}function la(n,s){n.fill=te(n.fill||null),n.dir=se(n.dir,-1),s=s??J.length,J.splice(s,0,n)}function na(n){n==null?J.length=
0:J.splice(n,1)}l.addBand=la,l.setBand=ta,l.delBand=na;function oa(n,s){b[n].alpha=s,je&&dt[n]!=null&&(dt[n].style.opacity=s),Ce&&ke[n]&&(ke[n].style.opacity=s)}
let Wt,Kt,al,Rl={focus:!0};function sa(n){if(n!=al){let s=n==null,r=Nt.alpha!=1;b.forEach((c,u)=>{if(i==1||u>0){let m=s||u==0||u==n;c._focus=s?null:m,r&&oa(u,m?
1:Nt.alpha)}}),al=n,r&&Ll()}}Ce&&kl&&Ke(li,ae,n=>{$._lock||(il(n),al!=null&&$t(null,Rl,!0,Me.setSeries))});function Ot(n,s,r){let c=x[s];r&&(n=n/re-(c.ori==1?Le:
ge));let u=j;c.ori==1&&(u=A,n=u-n),c.dir==-1&&(n=u-n);let m=c._min,y=c._max,S=n/u,_=m+(y-m)*S,T=c.distr;return T==3?Il(10,_):T==4?Ga(_,c.asinh):T==100?c.bwd(_):
_}function ia(n,s){let r=Ot(n,L,s);return Ct(r,t[0],Ve,ze)}l.valToIdx=n=>Ct(n,t[0]),l.posToIdx=ia,l.posToVal=Ot,l.valToPos=(n,s,r)=>x[s].ori==0?a(n,x[s],r?tt:j,
r?ot:0):f(n,x[s],r?_t:A,r?pt:0),l.setCursor=(n,s,r)=>{we=n.left,xe=n.top,cl(null,s,r)};function ks(n,s){ve(Ol,Fl,ye.left=n),ve(Ol,fn,ye.width=s)}function Ts(n,s){
ve(Ol,"top",ye.top=n),ve(Ol,un,ye.height=s)}let tn=k.ori==0?ks:Ts,ln=k.ori==1?ks:Ts;function ra(){if(Ce&&Q.live)for(let n=i==2?1:0;n<b.length;n++){if(n==0&&ht)continue;
let s=Q.values[n],r=0;for(let c in s)Dt[n][r++].firstChild.nodeValue=s[c]}}function ho(n,s){if(n!=null&&(n.idxs?n.idxs.forEach((r,c)=>{fe[c]=r}):qa(n.idx)||fe.fill(
n.idx),Q.idx=fe[0]),Ce&&Q.live){for(let r=0;r<b.length;r++)(r>0||i==1&&!ht)&&aa(r,fe[r]);ra()}mt=!1,s!==!1&&We("setLegend")}l.setLegend=ho;function aa(n,s){let r=b[n],
c=n==0&&K==2?bt:t[n],u;ht?u=r.values(l,n,s)??Bt:(u=r.value(l,s==null?null:c[s],n,s),u=u==null?Bt:{_:u}),Q.values[n]=u}function cl(n,s,r){bs=we,xs=xe,[we,xe]=$.move(
l,we,xe),$.left=we,$.top=xe,je&&(Dl&&zt(Dl,Ne(we),0,j,A),Pl&&zt(Pl,0,Ne(xe),j,A));let c,u=Ve>ze;Wt=me,Kt=null;let m=k.ori==0?j:A,y=k.ori==1?j:A;if(we<0||Ue==0||
u){c=$.idx=null;for(let S=0;S<b.length;S++){let _=dt[S];_!=null&&zt(_,-10,-10,j,A)}kl&&$t(null,Rl,!0,n==null&&Me.setSeries),Q.live&&(fe.fill(c),mt=!0)}else{let S,
_,T;i==1&&(S=k.ori==0?we:xe,_=Ot(S,L),c=$.idx=Ct(_,t[0],Ve,ze),T=N(t[0][c],k,m,0));let E=-10,C=-10,U=0,ie=0,oe=!0,X="",W="";for(let O=i==2?1:0;O<b.length;O++){let Se=b[O],
Te=fe[O],Ie=Te==null?null:i==1?t[O][Te]:t[O][1][Te],ue=$.dataIdx(l,O,c,_),Ee=ue==null?null:i==1?t[O][ue]:t[O][1][ue];if(mt=mt||Ee!=Ie||ue!=Te,fe[O]=ue,O>0&&Se.show){
let st=ue==null?-10:ue==c?T:N(i==1?t[0][ue]:t[O][0][ue],k,m,0),Je=Ee==null?-10:G(Ee,i==1?x[Se.scale]:x[Se.facets[1].scale],y,0);if(kl&&Ee!=null){let gt=k.ori==1?
we:xe,xt=$e(Nt.dist(l,O,ue,Je,gt));if(xt<Wt){let Rt=Nt.bias;if(Rt!=0){let it=Ot(gt,Se.scale),wt=Ee>=0?1:-1,kt=it>=0?1:-1;kt==wt&&(kt==1?Rt==1?Ee>=it:Ee<=it:Rt==
1?Ee<=it:Ee>=it)&&(Wt=xt,Kt=O)}else Wt=xt,Kt=O}}if(mt||Tl){let gt,xt;k.ori==0?(gt=st,xt=Je):(gt=Je,xt=st);let Rt,it,wt,kt,Vt,Ze,rt=!0,fl=Ye.bbox;if(fl!=null){rt=
!1;let Qe=fl(l,O);wt=Qe.left,kt=Qe.top,Rt=Qe.width,it=Qe.height}else wt=gt,kt=xt,Rt=it=Ye.size(l,O);if(Ze=Ye.fill(l,O),Vt=Ye.stroke(l,O),Tl)O==Kt&&Wt<=Nt.prox&&
(E=wt,C=kt,U=Rt,ie=it,oe=rt,X=Ze,W=Vt);else{let Qe=dt[O];Qe!=null&&(El[O]=wt,Ml[O]=kt,ci(Qe,Rt,it,rt),ri(Qe,Ze,Vt),zt(Qe,St(wt),St(kt),j,A))}}}}if(Tl){let O=Nt.
prox,Se=al==null?Wt<=O:Wt>O||Kt!=al;if(mt||Se){let Te=dt[0];Te!=null&&(El[0]=E,Ml[0]=C,ci(Te,U,ie,oe),ri(Te,X,W),zt(Te,St(E),St(C),j,A))}}}if(ye.show&&qt)if(n!=
null){let[S,_]=Me.scales,[T,E]=Me.match,[C,U]=n.cursor.sync.scales,ie=n.cursor.drag;if(Fe=ie._x,He=ie._y,Fe||He){let{left:oe,top:X,width:W,height:O}=n.select,Se=n.
scales[C].ori,Te=n.posToVal,Ie,ue,Ee,st,Je,gt=S!=null&&T(S,C),xt=_!=null&&E(_,U);gt&&Fe?(Se==0?(Ie=oe,ue=W):(Ie=X,ue=O),Ee=x[S],st=N(Te(Ie,C),Ee,m,0),Je=N(Te(Ie+
ue,C),Ee,m,0),tn(Lt(st,Je),$e(Je-st))):tn(0,m),xt&&He?(Se==1?(Ie=oe,ue=W):(Ie=X,ue=O),Ee=x[_],st=G(Te(Ie,U),Ee,y,0),Je=G(Te(Ie+ue,U),Ee,y,0),ln(Lt(st,Je),$e(Je-
st))):ln(0,y)}else go()}else{let S=$e(bs-vs),_=$e(xs-_s);if(k.ori==1){let U=S;S=_,_=U}Fe=Be.x&&S>=Be.dist,He=Be.y&&_>=Be.dist;let T=Be.uni;T!=null?Fe&&He&&(Fe=S>=
T,He=_>=T,!Fe&&!He&&(_>S?He=!0:Fe=!0)):Be.x&&Be.y&&(Fe||He)&&(Fe=He=!0);let E,C;Fe&&(k.ori==0?(E=Nl,C=we):(E=$l,C=xe),tn(Lt(E,C),$e(C-E)),He||ln(0,y)),He&&(k.ori==
1?(E=Nl,C=we):(E=$l,C=xe),ln(Lt(E,C),$e(C-E)),Fe||tn(0,m)),!Fe&&!He&&(tn(0,0),ln(0,0))}if(Be._x=Fe,Be._y=He,n==null){if(r){if(Rs!=null){let[S,_]=Me.scales;Me.values[0]=
S!=null?Ot(k.ori==0?we:xe,S):null,Me.values[1]=_!=null?Ot(k.ori==1?we:xe,_):null}on(Eo,l,we,xe,j,A,c)}if(kl){let S=r&&Me.setSeries,_=Nt.prox;al==null?Wt<=_&&$t(
Kt,Rl,!0,S):Wt>_?$t(null,Rl,!0,S):Kt!=al&&$t(Kt,Rl,!0,S)}}mt&&(Q.idx=c,ho()),s!==!1&&We("setCursor")}let Jt=null;Object.defineProperty(l,"rect",{get(){return Jt==
null&&nn(!1),Jt}});function nn(n=!1){n?Jt=null:(Jt=P.getBoundingClientRect(),We("syncRect",Jt))}function Es(n,s,r,c,u,m,y){$._lock||qt&&n!=null&&n.movementX==0&&
n.movementY==0||(po(n,s,r,c,u,m,y,!1,n!=null),n!=null?cl(null,!0,!0):cl(s,!0,!1))}function po(n,s,r,c,u,m,y,S,_){if(Jt==null&&nn(!1),il(n),n!=null)r=n.clientX-Jt.
left,c=n.clientY-Jt.top;else{if(r<0||c<0){we=-10,xe=-10;return}let[T,E]=Me.scales,C=s.cursor.sync,[U,ie]=C.values,[oe,X]=C.scales,[W,O]=Me.match,Se=s.axes[0].side%
2==1,Te=k.ori==0?j:A,Ie=k.ori==1?j:A,ue=Se?m:u,Ee=Se?u:m,st=Se?c:r,Je=Se?r:c;if(oe!=null?r=W(T,oe)?h(U,x[T],Te,0):-10:r=Te*(st/ue),X!=null?c=O(E,X)?h(ie,x[E],Ie,
0):-10:c=Ie*(Je/Ee),k.ori==1){let gt=r;r=c,c=gt}}_&&(s==null||s.cursor.event.type==Eo)&&((r<=1||r>=j-1)&&(r=pl(r,j)),(c<=1||c>=A-1)&&(c=pl(c,A))),S?(vs=r,_s=c,[
Nl,$l]=$.move(l,r,c)):(we=r,xe=c)}let mo={width:0,height:0,left:0,top:0};function go(){En(mo,!1)}let Ms,As,Cs,Ls;function Ds(n,s,r,c,u,m,y){qt=!0,Fe=He=Be._x=Be.
_y=!1,po(n,s,r,c,u,m,y,!0,!1),n!=null&&(Ke(Mo,Po,Ps,!1),on(ei,l,Nl,$l,j,A,null));let{left:S,top:_,width:T,height:E}=ye;Ms=S,As=_,Cs=T,Ls=E}function Ps(n,s,r,c,u,m,y){
qt=Be._x=Be._y=!1,po(n,s,r,c,u,m,y,!1,!0);let{left:S,top:_,width:T,height:E}=ye,C=T>0||E>0,U=Ms!=S||As!=_||Cs!=T||Ls!=E;if(C&&U&&En(ye),Be.setScale&&C&&U){let ie=S,
oe=T,X=_,W=E;if(k.ori==1&&(ie=_,oe=E,X=S,W=T),Fe&&jt(L,Ot(ie,L),Ot(ie+oe,L)),He)for(let O in x){let Se=x[O];O!=L&&Se.from==null&&Se.min!=me&&jt(O,Ot(X+W,O),Ot(X,
O))}go()}else $.lock&&($._lock=!$._lock,cl(s,!0,n!=null));n!=null&&(_l(Mo,Po),on(Mo,l,we,xe,j,A,null))}function ca(n,s,r,c,u,m,y){if($._lock)return;il(n);let S=qt;
if(qt){let _=!0,T=!0,E=10,C,U;k.ori==0?(C=Fe,U=He):(C=He,U=Fe),C&&U&&(_=we<=E||we>=j-E,T=xe<=E||xe>=A-E),C&&_&&(we=we<Nl?0:j),U&&T&&(xe=xe<$l?0:A),cl(null,!0,!0),
qt=!1}we=-10,xe=-10,fe.fill(null),cl(null,!0,!0),S&&(qt=S)}function Ns(n,s,r,c,u,m,y){$._lock||(il(n),Zn(),go(),n!=null&&on(ni,l,we,xe,j,A,null))}function $s(){
F.forEach(ff),Jn(l.width,l.height,!0)}gl(On,Wl,$s);let Vl={};Vl.mousedown=Ds,Vl.mousemove=Es,Vl.mouseup=Ps,Vl.dblclick=Ns,Vl.setSeries=(n,s,r,c)=>{let u=Me.match[2];
r=u(l,s,r),r!=-1&&$t(r,c,!0,!1)},je&&(Ke(ei,P,Ds),Ke(Eo,P,Es),Ke(ti,P,n=>{il(n),nn(!1)}),Ke(li,P,ca),Ke(ni,P,Ns),Ho.add(l),l.syncRect=nn);let Mn=l.hooks=e.hooks||
{};function We(n,s,r){ao?en.push([n,s,r]):n in Mn&&Mn[n].forEach(c=>{c.call(null,l,s,r)})}(e.plugins||[]).forEach(n=>{for(let s in n.hooks)Mn[s]=(Mn[s]||[]).concat(
n.hooks[s])});let Os=(n,s,r)=>r,Me=Ae({key:null,setSeries:!1,filters:{pub:mi,sub:mi},scales:[L,b[1]?b[1].scale:null],match:[di,di,Os],values:[null,null]},$.sync);
Me.match.length==2&&Me.match.push(Os),$.sync=Me;let Rs=Me.key,wo=ur(Rs);function on(n,s,r,c,u,m,y){Me.filters.pub(n,s,r,c,u,m,y)&&wo.pub(n,s,r,c,u,m,y)}wo.sub(l);
function fa(n,s,r,c,u,m,y){Me.filters.sub(n,s,r,c,u,m,y)&&Vl[n](null,s,r,c,u,m,y)}l.pub=fa;function ua(){wo.unsub(l),Ho.delete(l),tl.clear(),Oo(On,Wl,$s),g.remove(),
ae?.remove(),We("destroy")}l.destroy=ua;function yo(){We("init",e,t),hs(t||e.data,!1),V[L]?co(L,V[L]):Zn(),vn=ye.show&&(ye.width>0||ye.height>0),sl=mt=!0,Jn(e.width,
e.height)}return b.forEach(fs),F.forEach(Gr),o?o instanceof HTMLElement?(o.appendChild(g),yo()):o(l,yo):yo(),l}Oe.assign=Ae;Oe.fmtNum=qo;Oe.rangeNum=Rn;Oe.rangeLog=
Fn;Oe.rangeAsinh=Bo;Oe.orient=yl;Oe.pxRatio=re;Oe.join=ec;Oe.fmtDate=Ko,Oe.tzDate=uc;Oe.sync=ur;{Oe.addGap=qc,Oe.clipGaps=In;let e=Oe.paths={points:wr};e.linear=
Sr,e.stepped=Jc,e.bars=Zc,e.spline=Xc}var xr=260,gn=null,ls=null,Yn=e=>getComputedStyle(document.documentElement).getPropertyValue(e).trim(),uf=e=>t=>{let o=e.findIndex(([,i])=>i!=="final");if(o<0)return;
let l=t.valToPos(t.data[0][o],"x",!0);t.ctx.save(),t.ctx.fillStyle=Yn("--wash"),t.ctx.fillRect(l,t.bbox.top,t.bbox.left+t.bbox.width-l,t.bbox.height),t.ctx.restore()};
function ns(e,t){ls=[e,t];let o=B("chart");if(gn&&gn.destroy(),o.replaceChildren(),!e.length)return;let l={stroke:Yn("--soft"),grid:{stroke:Yn("--line"),width:1},
ticks:{show:!1},font:"12px system-ui"};gn=new Oe({width:o.clientWidth,height:xr,tzDate:i=>Oe.tzDate(new Date(i*1e3),"UTC"),padding:[12,8,0,0],cursor:{points:{size:7},
drag:{x:!1,y:!1}},legend:{show:!1},scales:{y:{range:(i,a,f)=>{let[h,p]=[Math.min(0,a??0),Math.max(0,f??0)];return h===p?[0,1]:Oe.rangeNum(h,p,{min:{pad:.05,soft:0,
mode:1},max:{pad:.08,soft:0,mode:1}})}}},axes:[{...l,grid:{show:!1}},{...l,size:62,values:(i,a)=>a.map(Hs)}],series:[{},...t.map(([i,a,,f])=>({label:i,stroke:Yn(
a),width:f?1.25:2,dash:f?[3,4]:void 0,points:{show:e.length<3}}))],hooks:{drawClear:[uf(e)]}},[e.map(([i])=>Ws(i)),...t.map(([,,i])=>i)],o)}function os(){ls&&ns(
...ls)}new ResizeObserver(()=>{gn&&gn.setSize({width:B("chart").clientWidth,height:xr})}).observe(B("chart"));matchMedia("(prefers-color-scheme: dark)").addEventListener(
"change",os);var kr=15*6e4,Tr=6e4,Er=12,ut=null,Re={},is=null,Kl=null,Lr="money",qn="channel",Jl=0;async function Dr(e,t){let o=await fetch(e+(t?"?"+new URLSearchParams(t):""),
{headers:{Accept:"application/json"}});if(o.status===401)throw location.assign("/login"),new Error("sign in first");let l=await o.json().catch(()=>({error:`the \
server answered ${o.status}`}));if(!o.ok)throw new Error(l.error);return l}function wn(e){B("trouble").hidden=!e,B("trouble").textContent=e?`Not everything can \
be shown: ${e}.`:""}async function el(e,t,o,l,i){B(t).classList.add("busy");try{let a=await Dr(o,l);e===Jl&&i(a)}catch(a){if(e!==Jl)return;wn(a instanceof TypeError?
"the aggregator does not answer":a.message)}finally{e===Jl&&B(t).classList.remove("busy")}}async function hf(){let e=++Jl,{site:t,from:o,to:l,model:i,basis:a}=Re,
f={site:t,from:o,to:l};wn(""),B("csv").href="/api/campaigns.csv?"+new URLSearchParams({...f,model:i,basis:a}),history.replaceState(null,"","#"+new URLSearchParams(
Re)),await Promise.all([el(e,"cards","/api/overview",{...f,model:i,basis:a},gf),el(e,"campaigns","/api/campaigns",{...f,model:i,basis:a},Bs)]),e===Jl&&(performance.
mark("shown"),await el(e,"models","/api/models",{...f,basis:a},h=>{Kl=h,$r()}),await el(e,"paths","/api/paths",f,yf),await el(e,"experiments","/api/experiments",
f,Sf),await el(e,"quality","/api/quality",f,xf),await el(e,"health","/api/tag-health",{site:t},Ef),await el(e,"quality-days","/api/quality-days",f,Tf),e===Jl&&performance.
mark("whole"))}var pf=[["cost","Spend",qe,0],["net_revenue","Net revenue",qe,1],["roas","ROAS",An,1],["roi","ROI",Ge,1],["cpa","CPA",qe,-1],["conversions","Conv\
ersions",he,1]],mf=new Set(["cost","net_revenue","cpa"]);function df(e,t,o){if(!Et(e)||!Et(t))return M("span",{},"nothing before");let l=e-t;if(l===0)return M("\
span",{},"as before");let i=`${l>0?"\u25B2":"\u25BC"} ${t>0?Ge(Math.abs(l)/t):""}`;return M("span",{class:(l>0?"up":"down")+(o===0?"":l*o>0?" good":" bad")},M("\
span",{role:"img","aria-label":(l>0?"up ":"down ")+(t>0?Ge(Math.abs(l)/t):"")},i))}function Pr(e){let t=e?.now||{},o=e?.before||{};De(B("cards"),...pf.map(([l,i,
a,f])=>M("div",{},M("dt",{},i+(mf.has(l)&&e?.currency?`, ${e.currency}`:"")),M("dd",{class:"value"},a(t[l])),M("dd",{},e?df(t[l],o[l],f):""),M("dd",{},e&&Et(o[l])?
`from ${a(o[l])}`:""))))}function gf(e){is=e,Pr(e),B("span").textContent=`${Mt(e.from)} to ${Mt(e.to)}, against ${Mt(e.before_from)} to ${Mt(e.before_to)}.`;let t=o=>e.
days.filter(l=>l[1]===o).length;B("settled").replaceChildren(M("span",{class:"chip"},`${t("open")} open`)," ",M("span",{class:"chip"},`${t("provisional")} provi\
sional`)," ",M("span",{class:"chip"},`${t("final")} final`)," days. Open: hits may still be on their way. Provisional (on a tint): late conversions and refunds \
may still change them."),Nr()}var wf={money:[["Net revenue","--in",4],["Spend","--out",5],["Net revenue before","--in",6,!0]],conversions:[["Conversions","--in",
3],["Conversions before","--in",8,!0]],visits:[["Visits","--in",2],["Visits before","--in",9,!0]]};function Nr(){let e=wf[Lr],t=is.days;ns(t,e.map(([o,l,i,a])=>[
o,l,t.map(f=>f[i]),a])),De(B("legend"),...e.map(([o,l,,i])=>M("span",{class:`key ${l.slice(2)}${i?" old":""}`},M("span",{},o)))),De(B("days"),Zt("Numbers of eac\
h day",[pe("Day"),pe("Status",{class:"text"}),pe("Visits"),pe("Conversions"),pe("Net revenue"),pe("Spend"),pe("Net revenue before")],[...t].reverse().map(o=>M("\
tr",{},M("th",{scope:"row"},Mt(o[0])),Pe(o[1],{class:"text"}),Pe(he(o[2])),Pe(he(o[3])),Pe(qe(o[4])),Pe(qe(o[5])),Pe(qe(o[6]))))))}var rs=e=>e.replace(/_/g," ");
function $r(){let e=Kl.rows.filter(a=>qn==="channel"==(a[1]===null)),t=ut.models.map(a=>a.model).filter(a=>Kl.rows.some(f=>f[5]?.[a]));if(!e.length||!t.length){
De(B("models"),M("p",{class:"empty"},"No credited conversions in these days."));return}let o=(a,f)=>a[5]?.[f]?.[0]??0,l=[pe(qn==="channel"?"Channel":"Campaign"),
pe("Spend"),...t.map(a=>pe(rs(a)+(a===Re.model?" \u2713":"")))],i=e.map(a=>M("tr",{},M("th",{scope:"row"},Tt(a[3]??a[0]),a[1]!==null?M("small",{},Tt(`${a[1]} / ${a[2]}`)):
""),Pe(qe(a[4])),...t.map(f=>{let h=o(a,f)-o(a,Re.model);return M("td",{},qe(o(a,f)),M("small",{},f===Re.model?"chosen":Math.abs(h)<.005?"\xB10":(h>0?"+":"\u2212")+
qe(Math.abs(h))))})));De(B("models"),Zt("Net revenue by attribution model",l,i),Kl.left_out&&qn==="campaign"?M("p",{class:"soft"},`${he(Kl.left_out)} campaigns \
with less are left out.`):"")}function yf(e){if(B("paths-note").textContent=e.conversions?`${e.different===1?"One path":`${he(e.different)} different paths`} be\
fore ${e.cut?"the latest ":""}${he(e.conversions)} conversion${e.conversions===1?"":"s"}${e.paths.length<e.different?`; the ${e.paths.length} most travelled`:""}\
.`:"",!e.paths.length){De(B("paths"),M("p",{class:"empty"},"No conversions in these days."));return}let t=e.paths[0][1],o=(i,a)=>Zt(i,[pe("Path"),pe("Conversion\
s"),pe("Share"),pe("Net revenue")],a.map(([f,h,p])=>M("tr",{},M("th",{scope:"row"},f===null?"(no touch)":Tt(f)),Pe(he(h)),Pe(M("meter",{min:0,max:t,value:h,"ari\
a-label":Ge(h/e.conversions)})),Pe(qe(p))))),l=e.paths.slice(Er);De(B("paths"),o("Paths",e.paths.slice(0,Er)),l.length?M("details",{},M("summary",{},`${l.length}\
 more`),o("More paths",l)):"")}var Mr=(e,t)=>Et(e[`${t}_lift`])?[Cn(e[`${t}_lift`]),Et(e[`${t}_lift_low`])?M("small",{},`${Cn(e[`${t}_lift_low`])} to ${Cn(e[`${t}\
_lift_high`])}`):""]:[e.control===null?"control":"\u2013"];function Sf(e){if(!e.rows.length){De(B("experiments"),M("p",{class:"empty"},"No experiment has been s\
een on this site."));return}De(B("experiments"),Zt("Experiments",[pe("Experiment, arm"),pe("Status",{class:"text"}),pe("Customers"),pe("Converted"),pe("Lift of \
it"),pe("Revenue each"),pe("Lift of it"),pe("Chance to win")],e.rows.map(t=>M("tr",{},M("th",{scope:"row"},Tt(t.experiment),M("small",{},Tt(t.variant),` \xB7 ${t.
goal||""}`)),Pe(t.status,{class:"text"+(t.status.startsWith("withheld")?" bad":"")}),Pe(he(t.customers)),Pe(Ge(t.rate)),M("td",{},...Mr(t,"rate")),Pe(qe(t.revenue_per_customer)),
M("td",{},...Mr(t,"revenue")),Pe(Ge(t.chance_to_win))))),M("p",{class:"soft"},"Lift against the control with its always-valid 95 % interval: it holds however of\
ten one looks."))}var vf=20,_f=.8;function bf(e){if(!e||e.last_conversion_day===null)return[];let t=[],o=e.missing_conversions;t.push(o>vf?["fail",`About ${he(Math.
round(o))} conversions are missing`,`${he(e.views_since)} pages were viewed after ${Mt(e.last_conversion_day)}, and nobody converted. Buy something with aftercl\
ick live open.`]:["ok","Conversions keep coming",`The last day with some is ${Mt(e.last_conversion_day)}.`+(o===null?" There are too few to tell at once when th\
ey stop.":"")]);for(let[l,i,a,f,h]of[["order_coverage","order_coverage_before","orders","orders of the shop","afterclick reconcile names those that are missing."],
["tracking_rate","tracking_rate_before","clicks","clicks that the platforms count","afterclick audit names the campaigns."]]){if(e[l]===null)continue;let p=e[l]<
_f*e[i];t.push([p?"warn":"ok",`${Ge(e[l])} of the ${f} are tracked`,`Of ${he(e[a])} in the seven days to ${Mt(e[`${a}_until`])}; in the four weeks before, ${Ge(
e[i])}.`+(p?` ${h}`:"")])}return t}function xf(e){let t=a=>a>1e3?"more than 1,000":he(a),o=(a,f,h)=>M("li",{class:a},M("b",{},f),M("p",{},h)),l=(a,f,h)=>o(a?"wa\
rn":"ok",a?`Waiting ${f}: ${t(a)}`:`No ${f} wait`,a?h:"All of them are counted."),i=e.dead_letters.reduce((a,[,f])=>a+f,0);De(B("quality"),...bf(e.watch).map(([
a,f,h])=>o(a,f,h)),e.roi_check===null?o("ok","Sums","Added up all the time; see the metric afterclick_roi_check_rows."):o(e.roi_check?"fail":"ok",e.roi_check?`S\
ums that do not agree: ${t(e.roi_check)}`:"All sums agree",e.roi_check?"See the view roi_check: this is a bug or a hand in the tables.":"Campaigns add up to con\
versions, cells to credits."),l(e.waiting_conversions,"conversions","Their currency has no rate: afterclick import-fx."),l(e.waiting_costs,"costs","Their curren\
cy has no rate: afterclick import-fx. Sums with them are not shown."),l(e.waiting_refunds,"refunds","Their order is not known yet: see the view waiting_refunds."),
o(i?"warn":"ok",i?`${he(i)} records could not be used`:"Every record could be used",i?e.dead_letters.map(([a,f])=>`${f} \xD7 ${a}`).join("; "):"There are no dea\
d letters."),o("ok",e.restated?`Changes of final days: ${t(e.restated)}`:"No final day changed",e.restated?"When and why: see the view restatements.":"What was \
reported as final still holds."))}var kf=e=>e!=="hits"&&e!=="conversions";function Or(e,t,o){De(B(e),...(t.length?t:[["ok",...o]]).map(([l,i,a])=>M("li",{class:l},
M("b",{},...i),M("p",{},a))))}function Tf(e){if(Or("marks",e.marks.map(o=>{let l=kf(o.measure)?Ge:he;return["warn",[`${Mt(o.day)}: ${o.measure} ${o.mark}`],`${l(
o.value)}, on the same weekday of the ${o.weeks} weeks before mostly ${l(o.median)}.`]}),[["The last seven days are as usual"],"No measure of a day that has end\
ed differs from the same weekday before."]),!e.rows.length){De(B("quality-days"),M("p",{class:"empty"},"No hits in these days."));return}let t=[["hits","Hits",he],
["refused","Refused",he],["bots","Bots",he],["duplicates","Duplicates",he],["late","Late",he],["consent_share","Consent",Ge],["cookieless_share","Cookieless",Ge],
["conversions","Conversions",he],["unattributed_share","Unattributed",Ge],["tracking_rate","Clicks landed",Ge],["order_coverage","Orders tracked",Ge]];De(B("qua\
lity-days"),Zt("Data quality by day",[pe("Day"),...t.map(([,o])=>pe(o))],e.rows.map(o=>M("tr",{},M("th",{scope:"row"},Mt(o.day)),...t.map(([l,,i])=>Pe(i(o[l])))))),
M("p",{class:"soft"},"The last fourteen of these days. Late: an hour or more after the event. Consent: hits of people with analytics storage granted. Cookieless\
: of hits by browsers."))}function Ef(e){Or("health",e.rows.map(t=>[t.finding==="goal never fired"?"warn":"fail",[`${t.finding[0].toUpperCase()}${t.finding.slice(
1)}: `,Tt(t.subject)],`${t.evidence[0].toUpperCase()}${t.evidence.slice(1)}.`]),[["Nothing fell silent"],"Pages and goals convert as they used to, and campaigns\
 with clicks have landings."])}var jn=()=>ut.sites.find(e=>e.site===Re.site)?.today||new Date().toISOString().slice(0,10);function Mf(){let e=B("fresh"),t=ut.read_until?
Date.parse(ut.now)-Date.parse(ut.read_until):null;e.className="fresh "+(t!==null&&t<kr?"good":"bad"),e.textContent=t===null?"Some partitions have had no hit yet":
t<kr?`Up to date, ${xo(t)} behind`:`Hits are read up to ${xo(t)} ago`}function Af(){for(let o of["site","from","to","model","basis"])B(o).value=Re[o];let e=Math.
round((Date.parse(Re.to)-Date.parse(Re.from))/864e5)+1;for(let o of document.querySelectorAll("[data-days]"))o.setAttribute("aria-pressed",String(+o.dataset.days===
e&&Re.to===jn()));let t=ut.models.find(o=>o.model===Re.model);B("summary").textContent=`Net revenue by each model, and how it differs from ${rs(Re.model)}: ${t?.
summary||""}.`}function ss(e){Re={...Re,...e},Af(),Re.from&&Re.to&&Re.from<=Re.to?hf():wn("the first day is after the last")}function Ar(e,t,o){for(let l of document.
querySelectorAll(`[${t}]`))l.addEventListener("click",()=>{for(let i of B(e).children)i.setAttribute("aria-pressed",String(i===l));o(l.getAttribute(t))})}function Cf(){
let e=["auto","light","dark"],t=l=>{l==="auto"?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=l,B("theme").textContent=`Th\
eme: ${l}`,os()},o=localStorage.getItem("theme");e.includes(o)||(o="auto"),t(o),B("theme").addEventListener("click",()=>{o=e[(e.indexOf(o)+1)%3],localStorage.setItem(
"theme",o),t(o)})}async function Cr(){try{return ut=await Dr("/api/about"),Mf(),!0}catch(e){return wn(e instanceof TypeError?"the aggregator does not answer":e.
message),B("fresh").className="fresh bad",B("fresh").textContent="How fresh this is, is not known",!1}}async function Lf(){if(Pr(null),Cf(),Js(),!await Cr()){setTimeout(
()=>location.reload(),Tr/6);return}if(setInterval(Cr,Tr),!ut.sites.length){wn("there is no site yet; afterclick migrate writes them into the tables");return}let e=Object.
fromEntries(new URLSearchParams(location.hash.slice(1))),t=l=>/^\d{4}-\d\d-\d\d$/.test(l||"")?l:null;Re.site=ut.sites.some(l=>l.site===e.site)?e.site:ut.sites[0].
site,De(B("site"),...ut.sites.map(l=>M("option",{value:l.site},l.site))),De(B("model"),...ut.models.map(l=>M("option",{value:l.model},rs(l.model))));let o=t(e.to)||
jn();ss({from:t(e.from)||bo(o,-29),to:o,basis:e.basis==="touch"?"touch":"conversion",model:ut.models.some(l=>l.model===e.model)?e.model:"last_touch"});for(let l of[
"site","from","to","model","basis"])B(l).addEventListener("change",i=>ss({[l]:i.target.value}));for(let l of document.querySelectorAll("[data-days]"))l.addEventListener(
"click",()=>ss({from:bo(jn(),1-l.dataset.days),to:jn()}));B("choice").addEventListener("submit",l=>l.preventDefault()),Ar("series","data-series",l=>{Lr=l,is&&Nr()}),
Ar("level","data-level",l=>{qn=l,Kl&&$r()})}Lf();})();
