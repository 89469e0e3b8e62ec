"""Writes topology.tsv: the encoders of kind topology, computed by their definition with NumPy and re.
usage: make.py > topology.tsv"""
import re, sys
import numpy as np
AA='ARNDCQEGHILKMFPSTWYV';IX={a:k for k,a in enumerate(AA)}
KD=dict(zip('ARNDCQEGHILKMFPSTWYV',[1.8,-4.5,-3.5,-3.5,2.5,-3.5,-3.5,-.4,-3.2,4.5,3.8,-3.9,1.9,2.8,-1.6,-.8,-.7,-.9,-1.3,4.2]))
GR=['AILMFVWC','DE','KRH','FWY','P','G','ST','QN','C','KR','DEKR','PESTQNGK','L','S','A','R','K','E']
MO=['C..C','C.{2,4}C.{12}H.{3,5}H','N[^P][ST]','RGD','P..P','K[KR].[KR]','[ST]P','L..LL','GXG|G.G..G','HE..H','RS|SR','RGG','L.{6}L.{6}L.{6}L','G...G','WD','D[EA][AH][DH]','[RK][RK].[ST]','[ST]..[DE]','[ST]Q','Y..[LIVM]','D..[LIVM]','F..F','[DE]{4}','[KR]{4}','Q{3}','S{3}','P{3}','A{3}','G{3}','E{3}','L{3}','H{3}','W','HTGE[KR]P','C.{1,3}C.{5,25}C.{1,3}C','G.G.[FY]G','GK[ST]','D.[DN].[DNS]','[LIVM].[KR].[LIVM]','FG','YG','PPP.Y|PP.Y','LP..P','[LIVMF].[LIVMF].[LIVMF]']
MO=[re.compile('(?=%s)'%m) for m in MO]
def f(s):
    s=s.upper();L=len(s);x=np.array([IX.get(c,-1) for c in s]);v=x>=0
    def comp(a):
        a=a[a>=0];return np.bincount(a,minlength=20)[:20]/max(len(a),1)
    o=[comp(x[:25]),comp(x[-25:]),comp(x[:L//3+1]),comp(x[L//3:2*L//3+1]),comp(x[2*L//3:])]
    kd=np.array([KD.get(c,0) for c in s])
    def win(a,w):
        if len(a)<w: return np.array([a.mean()])
        c=np.cumsum(np.r_[0,a]);return (c[w:]-c[:-w])/w
    h=win(kd,19);tm=h>1.6
    runs=np.diff(np.r_[0,tm.astype(int),0]);nt=(runs==1).sum()
    o.append([nt,np.log1p(nt),tm.mean(),h.max(),h.min(),h.std(),win(kd[:35],9).max(),float(nt>0),float(nt>3),float(nt>6)])
    for g in GR:
        m=np.array([c in g for c in s],float);w=win(m,21);o.append([w.max(),w.min(),w.std()])
    # low complexity
    if L>=20:
        H=[];
        for k in range(0,L-19,5):
            p=np.bincount(x[k:k+20][x[k:k+20]>=0],minlength=20)/20;p=p[p>0];H.append(-(p*np.log(p)).sum())
        H=np.array(H);o.append([H.mean(),H.min(),(H<2.).mean(),(H<1.6).mean()])
    else: o.append([2.3,2.3,0,0])
    q=np.array([1. if c in 'KR' else -1. if c in 'DE' else 0 for c in s])
    o.append([q.mean(),abs(q).mean(),q.sum()/np.sqrt(L),win(q,21).max(),win(q,21).min(),win(q,21).std(),(win(q,5)**2).mean()-q.mean()**2])
    # periodicity of hydrophobicity: helix 100, strand 170, heptad
    kc=kd-kd.mean()
    for ang in(100,160,180,360/7*2,360/7):
        a=np.deg2rad(ang)*np.arange(L);c=win(kc*np.cos(a),18);d=win(kc*np.sin(a),18);m=np.sqrt(c*c+d*d);o.append([m.mean(),m.max()])
    o.append([np.log1p(len(m.findall(s))) for m in MO])
    o.append([len(m.findall(s))/L*100 for m in MO])
    e=s[-4:];o.append([float(bool(re.search('[KH]DEL$',s))),float(bool(re.search('[ST].[VILFMA]$',s))),float(bool(re.search('C..[A-Z]$',s))),np.log(L),np.log(L)**2/10])
    return np.concatenate([np.asarray(a,float) for a in o])

def sequences():
    rng=np.random.default_rng(14);base=np.array([8.3,5.5,4.0,5.5,1.4,3.9,6.7,7.1,2.3,5.9,9.7,5.8,2.4,3.9,4.7,6.6,5.4,1.1,2.9,6.9]);base/=base.sum()
    def draw(n,p=base,letters=AA): return ''.join(rng.choice(list(letters),n,p=p))
    yield from ('M','KDEL','AKL','CVLS','W'*30,'MKX','XXM','GXGXXG','ACDEFGHIKLMNPQRSTVWY','ACDEFGHIKLMNPQRSTVW','KRDE'*16)
    for n in (4,5,17,18,19,20,21,24,25,26,34,35,36,63,64,65,100,127,128,129,200,333,500,1500): yield draw(n)
    for n in (30,90,210,400):  # membrane proteins
        yield ''.join(draw(20)+draw(23,np.full(8,1/8),'AILMFVWG') for _ in range(n//40+1))[:n]
    for n in (50,300): yield draw(n,np.full(6,1/6),'SGQPEK')  # low complexity
    for n in (60,250,700): yield draw(n,np.full(23,1/23),AA+'XBU')  # unknown letters
    for n in (300,600): yield draw(n,np.full(7,1/7),'CHLGPRF')  # motifs
    for s in MOTIFS: yield draw(30)+s+draw(21)+s+draw(50)+s
MOTIFS=('CAACAAAAAAAAAAAAHAAAH','CDEFGCGGGGGGGGGGGGHGGGGGHCC','LAAAAAALAAAAAALAAAAAAL','CACAAAAACAC','CAAACAAAAAAAAAAAAAAAAAAAAAAAAACAAAC','HTGERPYGAGAFGGKTDADADPPAYPPYRSRGGHEEHDEADWDFGYG','NATNPSNGTSQTQRRASKKAK','QQQQSSSPPPAAAGGGEEELLLHHHW')
for s in sequences(): print(s,*[repr(float(v)) for v in f(s)],sep="\t")
